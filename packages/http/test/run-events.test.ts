import { setImmediate as turn } from 'node:timers/promises'
import { createSyncline, type Run, SyncError } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { fakeClock, scriptedConnector } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { runEvent, runEvents } from '../src/events/run-events.ts'

const second = 1_000
const users = { connectorId: 'acme', resourceType: 'user' }

async function setStage() {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [[]] } }, clock })
  const syncline = createSyncline({ store, clock, connectorTypes: [connector] })
  await syncline.connectors.save({ connectorId: 'acme', type: connector.type })
  const { runId } = await syncline.trigger(users)
  const leaving = new AbortController()
  const watch = () => syncline.runs.watch(runId, { remindMs: 15 * second, signal: leaving.signal })
  return { clock, store, syncline, runId, leaving, watch }
}

/** Takes what comes next, letting time pass until it does. */
async function take(
  events: AsyncGenerator<string, void, void>,
  clock: ReturnType<typeof fakeClock>,
): Promise<string | undefined> {
  let answer: IteratorResult<string, void> | undefined
  const taken = events.next().then((result) => (answer = result))
  // oxlint-disable-next-line no-unmodified-loop-condition -- the promise above sets it
  while (!answer) {
    await turn()
    if (clock.sleepers > 0) await clock.advance(second)
  }
  await taken
  return answer.value ?? undefined
}

describe('runEvents', () => {
  test('begins with how long to wait before coming back, then the present state', async () => {
    const { clock, watch, leaving } = await setStage()
    const events = runEvents(watch(), { signal: leaving.signal })
    expect(await take(events, clock)).toMatch(/^retry: \d+\n\n$/)
    expect(await take(events, clock)).toMatch(
      /^id: \S+\nevent: progress\ndata: \{.*"status":"queued".*\}\n\n$/,
    )
    leaving.abort()
  })

  test('a sign of life comes every 15 seconds while nothing changes', async () => {
    const { clock, watch, leaving } = await setStage()
    const events = runEvents(watch(), { signal: leaving.signal })
    await take(events, clock)
    await take(events, clock)
    for (let times = 0; times < 3; times += 1) {
      const before = clock.now().getTime()
      expect(await take(events, clock)).toMatch(/^: .+\n\n$/)
      expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(15 * second)
      expect(clock.now().getTime() - before).toBeLessThan(17 * second)
    }
    leaving.abort()
  })

  test('who leaves ends the stream quietly, and no timer is left', async () => {
    const { clock, watch, leaving } = await setStage()
    const events = runEvents(watch(), { signal: leaving.signal })
    await take(events, clock)
    await take(events, clock)
    const waiting = events.next()
    while (clock.sleepers === 0) await turn()
    leaving.abort()
    expect(await waiting).toEqual({ value: undefined, done: true })
    expect([clock.sleepers, clock.timers]).toEqual([0, 0])
  })

  test('a removed run ends the stream, a failing store breaks it off', async () => {
    const { syncline, clock, watch, leaving } = await setStage()
    const events = runEvents(watch(), { signal: leaving.signal })
    await take(events, clock)
    await take(events, clock)
    await syncline.connectors.remove('acme')
    expect(await take(events, clock)).toBeUndefined()
    const failing: AsyncIterable<Run> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new SyncError('STORE_UNAVAILABLE', 'away')),
      }),
    }
    const broken = runEvents(failing, { signal: leaving.signal })
    await broken.next()
    await expect(broken.next()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  test('states are read as they are taken: a slow reader gets the newest next', async () => {
    const { store, syncline, runId, clock, watch, leaving } = await setStage()
    let reads = 0
    const runs = { ...store.runs }
    Object.assign(store.runs, {
      get: (...of: Parameters<typeof runs.get>) => {
        reads += 1
        return runs.get(...of)
      },
    })
    const events = runEvents(watch(), { signal: leaving.signal })
    await take(events, clock)
    await take(events, clock)
    const before = reads
    await clock.advance(3_600 * second)
    expect(reads).toBe(before)
    await syncline.runs.cancel(runId)
    expect(await take(events, clock)).toMatch(/event: finished\ndata: .*"status":"cancelled"/)
    expect(await take(events, clock)).toBeUndefined()
  })

  test('a known state is only a sign of life, whichever process says it', async () => {
    const { syncline, runId, clock, watch, leaving } = await setStage()
    const run = await syncline.runs.get(runId)
    if (!run) throw new Error('The run is gone')
    const lastEventId = runEvent(run).id
    expect(runEvent(structuredClone(run)).id).toBe(lastEventId)
    expect(runEvent({ ...run, cancelRequested: true }).id).not.toBe(lastEventId)
    const events = runEvents(watch(), { lastEventId, signal: leaving.signal })
    await take(events, clock)
    expect(await take(events, clock)).toMatch(/^: /)
    await syncline.runs.cancel(runId)
    expect(await take(events, clock)).toMatch(/event: finished/)
  })

  test('texts of a run cannot break out of their event', async () => {
    const { syncline, runId } = await setStage()
    const run = await syncline.runs.get(runId)
    if (!run) throw new Error('The run is gone')
    const message = 'a\n\nevent: finished\r\ndata: {}\u2028\n\n'
    const { text } = runEvent({ ...run, status: 'error', error: { code: 'CONNECTOR_FAILED', message } })
    expect(text.split('\n')).toHaveLength(5)
    expect(JSON.parse(text.split('\n')[2]?.slice('data: '.length) ?? '').error.message).toBe(message)
  })
})
