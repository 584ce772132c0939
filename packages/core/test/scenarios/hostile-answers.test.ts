import { createSyncline, defineConnector, type UpstreamRecord } from '@syncline/core'
import { fakeClock } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { person, setStage, users } from './stage.ts'

const page = (resources: unknown) => async () => ({ success: true, payload: { resources } }) as never

async function syncOf(list: () => Promise<never>, limits: object = {}) {
  const acme = defineConnector({
    type: 'acme',
    displayName: 'Acme',
    configSchema: z.unknown(),
    resourceTypes: { user: { list } },
  })
  const syncline = createSyncline({ connectorTypes: [acme], limits })
  await syncline.connectors.save({ connectorId: 'acme', type: 'acme' })
  return { syncline, run: await syncline.sync(users) }
}

const refusing = (): never => {
  throw new Error('do not read me')
}
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

describe('a record that does not want to be read', () => {
  test.each<[string, unknown]>([
    ['a revoked proxy', revoked()],
    [
      'a proxy whose traps throw',
      new Proxy({}, { get: refusing, getPrototypeOf: refusing, ownKeys: refusing }),
    ],
    [
      'a getter that throws',
      {
        externalId: 'x',
        displayName: 'x',
        get attributes() {
          return refusing()
        },
      },
    ],
    ['attributes that are a revoked proxy', person(1, { attributes: revoked() as never })],
    [
      'a member that throws',
      person(1, {
        attributes: {
          get x() {
            return refusing()
          },
        },
      }),
    ],
    ['a cycle', person(1, { attributes: cyclic })],
    ['a bigint', person(1, { attributes: { n: 1n } })],
    ['a function', person(1, { attributes: { f: refusing } })],
    ['a toJSON that throws', person(1, { attributes: { toJSON: refusing } })],
  ])('is quarantined and fails no page: %s', async (_, record) => {
    const { run } = await syncOf(page([record, person(2)]))
    expect(run).toMatchObject({ status: 'success', stats: { added: 1, quarantined: 1 } })
  })

  test('is quarantined when a filter cannot read it a second time', async () => {
    let reads = 0
    const record = {
      ...person(1),
      get attributes() {
        reads += 1
        return reads > 1 ? refusing() : { groups: ['g1'] }
      },
    } as UpstreamRecord
    const group = { pages: [[{ externalId: 'g1', displayName: 'G', attributes: { members: ['u2'] } }]] }
    const config = { filterRules: { memberOfSyncedGroups: true } }
    const stage = await setStage([[record, person(2)]], { group, config })
    await stage.syncline.sync({ ...users, resourceType: 'group' })
    const run = await stage.syncline.sync(users)
    expect(run).toMatchObject({ status: 'success', stats: { added: 1, quarantined: 1 } })
  })
})

describe('an answer that does not want to be read', () => {
  test.each<[string, () => Promise<never>]>([
    ['a revoked proxy', async () => revoked() as never],
    [
      'a getter that throws',
      async () =>
        ({
          success: true,
          get payload() {
            return refusing()
          },
        }) as never,
    ],
    ['a list that throws', page(new Proxy([], { get: refusing }))],
  ])('ends the run as an error of the connector: %s', async (_, list) => {
    const { run } = await syncOf(list)
    expect(run.status).toBe('error')
    expect(run.error?.code).toMatch(/^CONNECTOR_(FAILED|ANSWER_INVALID)$/)
  })
})

describe('a page of very many records', () => {
  const many = (count: number) => page(Array.from({ length: count }, (_, id) => person(id)))

  test('beyond ten times the page size, ten thousand at least, is CONNECTOR_ANSWER_INVALID', async () => {
    const { run } = await syncOf(many(10_001))
    expect(run).toMatchObject({ status: 'error', error: { code: 'CONNECTOR_ANSWER_INVALID' } })
    expect(run.error?.message).toContain('10001 records, at most 10000')
    expect(run.error?.message).toContain('limits.maxPageRecords')
  })

  test('is taken up to there, and up to limits.maxPageRecords', async () => {
    expect((await syncOf(many(10_000))).run.status).toBe('success')
    expect((await syncOf(many(11), { maxPageRecords: 10 })).run.error?.code).toBe('CONNECTOR_ANSWER_INVALID')
  })

  test('is refused before anything walks through it', async () => {
    const { run } = await syncOf(page(Object.assign([], { length: 2 ** 32 - 1 })))
    expect(run.error?.code).toBe('CONNECTOR_ANSWER_INVALID')
  })
})

test('a check that never ends is UPSTREAM_TIMEOUT after limits.callTimeoutMs', async () => {
  const clock = fakeClock()
  const acme = defineConnector({
    type: 'acme',
    displayName: 'Acme',
    configSchema: z.unknown(),
    resourceTypes: { user: { list: page([]) } },
    check: () => new Promise(() => undefined),
  })
  const syncline = createSyncline({ connectorTypes: [acme], clock })
  await syncline.connectors.save({ connectorId: 'acme', type: 'acme' })
  const checking = syncline.connectors.check('acme').catch((error: unknown) => error)
  // Until the check is asked.
  await clock.advance(0)
  await clock.advance(120_000)
  expect(await checking).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  expect(clock.timers).toBe(0)
})
