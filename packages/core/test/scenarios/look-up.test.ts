import { createSyncline, defineConnector, type GetAnswer, type UpstreamRecord } from '@syncline/core'
import { memoryCache, memoryCredentialStore } from '@syncline/core/memory'
import { beforeEach, describe, expect, test } from 'vitest'
import { people, person, setStage, users } from './stage.ts'

const ref = { ...users, externalId: 'u1' }
const asFound = ({ externalId, displayName, email = null, attributes }: UpstreamRecord) => ({
  ...users,
  externalId,
  displayName,
  email,
  attributes,
})

/** A host with a cache, over an upstream that answers for one resource as it is told to. */
async function lookUpStage(options: { readonly get?: boolean } = {}) {
  const upstream = {
    asked: [] as string[],
    answer: (id: string): GetAnswer => found(person(Number(id.slice(1)))),
  }
  const get = async ({ externalId }: { externalId: string }): Promise<GetAnswer> => {
    upstream.asked.push(externalId)
    return upstream.answer(externalId)
  }
  const stage = await setStage([people(3)], { resourceType: options.get === false ? {} : { get } })
  const { store, connector, clock } = stage
  const cache = memoryCache({ clock })
  const open = () => createSyncline({ store, connectorTypes: [connector], clock, cache, random: () => 1 })
  return { ...stage, syncline: open(), another: open(), upstream }
}
const found = (payload: UpstreamRecord | null): GetAnswer => ({ success: true, payload })

describe('resources.lookUp', () => {
  let stage: Awaited<ReturnType<typeof lookUpStage>>
  beforeEach(async () => {
    stage = await lookUpStage()
  })

  test('reads one resource upstream, once for a while', async () => {
    const { syncline, another, upstream, clock } = stage
    expect(await syncline.resources.lookUp(ref)).toEqual(asFound(person(1)))
    expect(await another.resources.lookUp(ref)).toEqual(asFound(person(1)))
    expect(upstream.asked).toEqual(['u1'])
    await clock.advance(300_000)
    await syncline.resources.lookUp(ref)
    expect(upstream.asked).toEqual(['u1', 'u1'])
  })

  test('null when upstream has none, which is not remembered', async () => {
    const { syncline, upstream } = stage
    upstream.answer = () => found(null)
    expect(await syncline.resources.lookUp(ref)).toBeNull()
    upstream.answer = () => found(person(1))
    expect(await syncline.resources.lookUp(ref)).toEqual(asFound(person(1)))
  })

  test('callers at the same time share one question', async () => {
    const { syncline, upstream } = stage
    await Promise.all(Array.from({ length: 20 }, () => syncline.resources.lookUp(ref)))
    expect(upstream.asked).toHaveLength(1)
  })

  test('tries again while the failure looks transient, and throws what it came to', async () => {
    const { syncline, upstream } = stage
    upstream.answer = () => {
      if (upstream.asked.length < 3) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
      return found(person(1))
    }
    expect(await syncline.resources.lookUp(ref)).toEqual(asFound(person(1)))
    upstream.answer = () => ({ success: false, error: { code: 'UPSTREAM_REJECTED', message: 'no' } })
    await expect(syncline.resources.lookUp({ ...ref, externalId: 'u2' })).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
    })
  })

  test.each([
    ['no payload', { success: true } as GetAnswer, 'CONNECTOR_ANSWER_INVALID'],
    ['another resource', found(person(2)), 'CONNECTOR_ANSWER_INVALID'],
    ['what could not be stored', found(person(1, { displayName: 'a\0b' })), 'RECORD_INVALID'],
  ])('refuses an answer with %s, and keeps nothing', async (_, answer, code) => {
    const { syncline, upstream } = stage
    upstream.answer = () => answer
    await expect(syncline.resources.lookUp(ref)).rejects.toMatchObject({ code })
    upstream.answer = () => found(person(1))
    expect(await syncline.resources.lookUp(ref)).toEqual(asFound(person(1)))
  })

  test('writes nothing to the store', async () => {
    const { syncline } = stage
    await syncline.resources.lookUp(ref)
    expect(await syncline.resources.get(ref)).toBeUndefined()
    expect(await syncline.changes.read(users)).toEqual([])
  })

  test('reads what the store has where the type has no get; what is stale is not there', async () => {
    const { syncline, connector } = await lookUpStage({ get: false })
    await syncline.configs.save({ ...users, removalGuard: null })
    await syncline.sync(users)
    expect(await syncline.resources.lookUp(ref)).toEqual(asFound(person(1)))
    connector.script('user', [[person(0)]])
    await syncline.sync(users)
    expect(await syncline.resources.lookUp(ref)).toBeNull()
    expect(await syncline.resources.lookUp({ ...ref, externalId: 'nobody' })).toBeNull()
  })

  test('refuses unknown connectors and types, and paused connectors', async () => {
    const { syncline, connector } = stage
    const codeOf = (asked: typeof ref) =>
      syncline.resources.lookUp(asked).catch((error: { code: string }) => error.code)
    expect(await codeOf({ ...ref, connectorId: 'nobody' })).toBe('CONNECTOR_NOT_FOUND')
    expect(await codeOf({ ...ref, resourceType: 'device' })).toBe('RESOURCE_TYPE_UNKNOWN')
    await syncline.connectors.save({ connectorId: 'acme', type: connector.type, status: 'paused' })
    expect(await codeOf(ref)).toBe('CONNECTOR_PAUSED')
  })

  test('ends with STOPPED when Syncline is stopped', async () => {
    const { syncline, upstream } = stage
    upstream.answer = () => new Promise<never>(() => {}) as never
    const asked = syncline.resources.lookUp(ref)
    const ended = asked.catch((error: unknown) => error)
    await expect.poll(() => upstream.asked.length).toBe(1)
    await syncline.stop()
    expect(await ended).toMatchObject({ code: 'STOPPED' })
  })

  test('keeps no record that holds a secret of the connector’s credential', async () => {
    const { store, connector, clock, upstream } = stage
    const credentials = memoryCredentialStore({ clock })
    const reading = defineConnector({
      type: 'reading',
      displayName: 'Reads its credential',
      configSchema: connector.configSchema,
      resourceTypes: {
        user: {
          list: async () => ({ success: true, payload: { resources: [] } }),
          async get({ externalId }, { credential }) {
            await credential?.get()
            return upstream.answer(externalId)
          },
        },
      },
    })
    const host = createSyncline({
      store,
      connectorTypes: [reading],
      clock,
      credentials,
      cache: memoryCache(),
    })
    await host.credentials.save({ ref: 'key', values: { apiKey: 'sk-live-0123456789abcdef' } })
    await host.connectors.save({ connectorId: 'acme', type: 'reading', credentialRef: 'key' })
    upstream.answer = () => found(person(1, { attributes: { echoed: 'Bearer sk-live-0123456789abcdef' } }))
    await expect(host.resources.lookUp(ref)).rejects.toMatchObject({
      code: 'RECORD_INVALID',
      details: { reason: 'HOLDS_SECRET' },
    })
  })
})

describe('what looked-up resources are forgotten by', () => {
  const renamed = person(1, { displayName: 'Renamed' })
  const forgetting: readonly [
    string,
    (stage: Awaited<ReturnType<typeof lookUpStage>>) => Promise<unknown>,
  ][] = [
    ['an upsert', ({ syncline }) => syncline.resources.upsert(users, renamed)],
    [
      'an upsert that fails',
      ({ syncline }) =>
        syncline.resources.upsert(users, { ...renamed, displayName: 'a\0b' }).catch(() => undefined),
    ],
    ['a removal', ({ syncline }) => syncline.resources.remove(ref)],
    ['a run that changed something', ({ syncline }) => syncline.sync(users)],
    [
      'a saved connector',
      ({ syncline, connector }) => syncline.connectors.save({ connectorId: 'acme', type: connector.type }),
    ],
    ['cache.clear of the resource', ({ syncline }) => syncline.cache.clear(ref)],
    ['cache.clear of the type', ({ syncline }) => syncline.cache.clear(users)],
    ['cache.clear of the connector', ({ syncline }) => syncline.cache.clear({ connectorId: 'acme' })],
  ]
  test.each(forgetting)('%s, in every process', async (_, forget) => {
    const stage = await lookUpStage()
    const { another, upstream } = stage
    await another.resources.lookUp(ref)
    upstream.answer = () => found(renamed)
    await forget(stage)
    expect(await another.resources.lookUp(ref)).toEqual(asFound(renamed))
  })

  test('a removed connector', async () => {
    const { syncline, another } = await lookUpStage()
    await another.resources.lookUp(ref)
    await syncline.connectors.remove('acme')
    await expect(another.resources.lookUp(ref)).rejects.toMatchObject({ code: 'CONNECTOR_NOT_FOUND' })
  })

  test('a run that changed nothing forgets nothing', async () => {
    const { syncline, upstream } = await lookUpStage()
    await syncline.sync(users)
    await syncline.resources.lookUp(ref)
    await syncline.sync(users)
    await syncline.resources.lookUp(ref)
    expect(upstream.asked).toHaveLength(1)
  })

  test('cache.clear refuses an external id without its type', async () => {
    const { syncline } = await lookUpStage()
    await expect(syncline.cache.clear({ connectorId: 'acme', externalId: 'u1' })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
    })
  })
})
