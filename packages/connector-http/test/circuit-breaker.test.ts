import { SyncError } from '@syncline/core'
import { fakeClock } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { type CircuitState, createCircuitBreaker } from '../src/breaker/circuit-breaker.ts'
import { callerOf, users } from './call.ts'
import { serve } from './serve.ts'

const trouble = new SyncError('UPSTREAM_UNAVAILABLE', 'down')
const down = async (): Promise<never> => {
  throw trouble
}

function breakerAt() {
  const clock = fakeClock()
  const changes: string[] = []
  const onChange = ({ state }: CircuitState): void => void changes.push(state)
  const breaker = createCircuitBreaker({ clock, name: 'test', onChange, failures: 3, openMs: 30_000 })
  const fail = async (times = 1): Promise<void> => {
    for (let time = 0; time < times; time++) await breaker.run(down).catch(() => {})
  }
  return { clock, breaker, changes, fail }
}

/** A hundred calls at once that all take a while, and how many of them went through. */
async function hundred(breaker: ReturnType<typeof breakerAt>['breaker'], outcome: 'works' | 'fails') {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  promise.catch(() => {})
  let called = 0
  const calls = Array.from({ length: 100 }, () =>
    breaker.run(() => {
      called += 1
      return promise
    }),
  )
  const settled = Promise.allSettled(calls)
  await Promise.resolve()
  if (outcome === 'works') resolve('ok')
  else reject(trouble)
  return { called, results: await settled }
}

describe('circuit breaker', () => {
  test('opens after so many failures in a row, and then calls nothing', async () => {
    const { breaker, fail, changes } = breakerAt()
    await fail(2)
    await breaker.run(async () => 'ok')
    await fail(2)
    expect(breaker.state()).toEqual({ state: 'closed', failures: 2 })
    await fail(1)
    expect(breaker.state()).toMatchObject({ state: 'open' })
    expect(changes).toEqual(['open'])
    const { called, results } = await hundred(breaker, 'works')
    expect(called).toBe(0)
    expect(results[0]).toMatchObject({
      reason: { code: 'UPSTREAM_UNAVAILABLE', retryAfterMs: 30_000, details: { reason: 'circuit_open' } },
    })
  })

  test('half open it lets one of a hundred through; its success closes it', async () => {
    const { breaker, clock, fail, changes } = breakerAt()
    await fail(3)
    await clock.advance(29_999)
    expect((await hundred(breaker, 'works')).called).toBe(0)
    await clock.advance(1)
    const probing = await hundred(breaker, 'works')
    expect(probing.called).toBe(1)
    expect(probing.results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(changes).toEqual(['open', 'half_open', 'closed'])
    expect((await hundred(breaker, 'works')).called).toBe(100)
  })

  test('half open, a failure opens it again for the whole time', async () => {
    const { breaker, clock, fail } = breakerAt()
    await fail(3)
    await clock.advance(30_000)
    expect((await hundred(breaker, 'fails')).called).toBe(1)
    await clock.advance(29_999)
    expect((await hundred(breaker, 'fails')).called).toBe(0)
    await clock.advance(1)
    expect((await hundred(breaker, 'works')).called).toBe(1)
  })

  test('half open, a call that got no answer of upstream gives its place to another', async () => {
    const { breaker, clock, fail } = breakerAt()
    await fail(3)
    await clock.advance(30_000)
    const cancelled = breaker.run(async () => {
      throw new Error('cancelled')
    })
    await expect(cancelled).rejects.toThrow('cancelled')
    expect((await hundred(breaker, 'works')).called).toBe(1)
    expect(breaker.state()).toEqual({ state: 'closed', failures: 0 })
  })

  test('what began before it opened neither closes it nor opens it longer', async () => {
    const { breaker, clock, fail } = breakerAt()
    const early = Promise.withResolvers<string>()
    const earlyToo = Promise.withResolvers<string>()
    const calls = [breaker.run(() => early.promise), breaker.run(() => earlyToo.promise)]
    await fail(3)
    await clock.advance(20_000)
    early.resolve('ok')
    earlyToo.reject(trouble)
    await Promise.allSettled(calls)
    expect(breaker.state()).toMatchObject({ state: 'open' })
    await clock.advance(10_000)
    expect((await hundred(breaker, 'works')).called).toBe(1)
  })

  test('a refusal of upstream is an answer and no failure; a limit of our own is neither', async () => {
    const { breaker, fail } = breakerAt()
    await fail(2)
    const own = new SyncError('RATE_LIMITED', 'our own limit')
    await breaker.run(() => Promise.reject(own)).catch(() => {})
    expect(breaker.state()).toEqual({ state: 'closed', failures: 2 })
    const refused = new SyncError('UPSTREAM_REJECTED', 'no', { details: { status: 403 } })
    await breaker.run(() => Promise.reject(refused)).catch(() => {})
    expect(breaker.state()).toEqual({ state: 'closed', failures: 0 })
  })
})

test('a connector shows its circuit, and others of its type go on', async () => {
  let isDown = true
  const server = await serve((_, response) => (isDown ? void response.writeHead(503).end() : users(1)))
  const clock = fakeClock()
  const caller = callerOf({ baseUrl: server.url, context: { clock } })
  const id = { tenantId: 't1', connectorId: 'c1' }
  for (let time = 0; time < 8; time++) await caller.list().catch(() => {})
  expect(server.seen).toHaveLength(5)
  expect(caller.connector.circuit(id)).toMatchObject({ state: 'open' })
  expect(caller.connector.circuit({ ...id, connectorId: 'c2' })).toEqual({ state: 'closed', failures: 0 })
  isDown = false
  await clock.advance(30_000)
  await caller.list()
  expect(caller.connector.circuit(id)).toEqual({ state: 'closed', failures: 0 })
  await server.close()
})
