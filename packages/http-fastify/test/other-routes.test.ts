import { memoryCache, memoryUserDirectory } from '@syncline/core/memory'
import { afterEach, describe, expect, test } from 'vitest'
import { type ServedApi, type ServeOptions, serveApi } from './serve-api.ts'

const apis: ServedApi[] = []
const serve = async (options?: ServeOptions): Promise<ServedApi> => {
  const api = await serveApi(options)
  apis.push(api)
  return api
}
afterEach(async () => {
  for (const api of apis.splice(0)) await api.close()
})

describe('status', () => {
  const path = 'GET /connectors/acme/sync-config/user/status'

  test('it says how the resource type stands, before, after and while a sync runs', async () => {
    const api = await serve({ work: false })
    expect((await api.call(path)).status).toBe(404)
    await api.call('PUT /connectors/acme/sync-config/user', { body: {} })
    expect(await api.call(path, { token: 'reader' })).toMatchObject({
      status: 200,
      body: {
        connectorId: 'acme',
        resourceType: 'user',
        lastSyncStatus: 'idle',
        lastSyncAt: null,
        lastSyncError: null,
        lastSyncStats: null,
        runId: null,
        nextRunAt: null,
        postSync: null,
      },
    })
    const run = await api.syncline.sync({ connectorId: 'acme', resourceType: 'user' })
    const success = await api.call(path)
    expect(success.body).toMatchObject({
      lastSyncStatus: 'success',
      lastSyncAt: run.finishedAt?.toISOString(),
      lastSyncStats: { added: 3 },
      runId: run.runId,
    })
    const queued = await api.syncline.trigger({ connectorId: 'acme', resourceType: 'user' })
    expect((await api.call(path)).body).toMatchObject({
      lastSyncStatus: 'running',
      lastSyncAt: run.finishedAt?.toISOString(),
      lastSyncStats: { added: 3 },
      runId: queued.runId,
      runStatus: 'queued',
    })
  })

  test('a post-sync that waits for approval is shown with its guard, and the sync stays a success', async () => {
    const listed = Array.from({ length: 20 }, (_, place) => ({
      externalId: `p${place}`,
      displayName: `P${place}`,
      email: `p${place}@acme.example`,
      attributes: {},
    }))
    const users = memoryUserDirectory({
      users: listed.map(({ externalId, email }) => ({
        userId: externalId,
        tenantId: 'a',
        status: 'active' as const,
        email,
      })),
    })
    const api = await serve({ work: false, syncline: { users } })
    const scope = { connectorId: 'acme', resourceType: 'user' }
    const deactivationGuard = { minUsers: 1, percent: 10 }
    await api.syncline.configs.save({
      ...scope,
      removalGuard: null,
      deactivateUsers: true,
      deactivationGuard,
    })
    for (const page of [listed, listed.slice(0, 10)]) {
      api.connector.script('user', [page])
      await api.syncline.sync({ ...scope, mode: 'full' })
    }
    expect((await api.call(path, { token: 'reader' })).body).toMatchObject({
      lastSyncStatus: 'success',
      postSync: {
        status: 'guarded',
        error: { code: 'DEACTIVATION_GUARDED' },
        guard: { candidates: 10, tripped: true },
        linksLost: 0,
        awaitsOperator: ['approve_deactivations'],
      },
    })
  })

  test('a failure is told in words', async () => {
    const api = await serve({ work: false })
    api.connector.script('user', [{ failures: [{ code: 'UPSTREAM_REJECTED', message: 'no such scope' }] }])
    await api.syncline.sync({ connectorId: 'acme', resourceType: 'user' })
    expect((await api.call(path)).body).toMatchObject({
      lastSyncStatus: 'error',
      lastSyncError: expect.stringContaining('no such scope'),
    })
  })
})

describe('cache', () => {
  const path = '/connectors/acme/cache'

  test('what was looked up is forgotten: one resource, a type, the connector', async () => {
    const api = await serve({ syncline: { cache: memoryCache() } })
    for (const query of ['?type=user&externalId=1', '?type=user', '']) {
      expect(await api.call(`DELETE ${path}${query}`)).toMatchObject({ status: 200, body: { cleared: true } })
    }
    expect((await api.call(`DELETE ${path}`, { token: 'reader' })).status).toBe(403)
  })

  test.each([
    '?externalId=1',
    '?type=User',
    '?type=',
    '?type=user&externalId=',
    '?type=user&type=user',
    '?id=1',
  ])('%s answers 400', async (query) => {
    const api = await serve({ work: false })
    expect((await api.call(`DELETE ${path}${query}`)).status).toBe(400)
  })

  test('a cache that cannot be reached answers 202: it is tried again', async () => {
    const cache = memoryCache()
    const broken = { ...cache, invalidate: async () => Promise.reject(new Error('down')) }
    const api = await serve({ syncline: { cache: broken } })
    expect(await api.call(`DELETE ${path}`)).toMatchObject({ status: 202, body: { cleared: false } })
  })
})

describe('rate limit', () => {
  test('a principal that calls too often answers 429 with Retry-After; others go on', async () => {
    const api = await serve({ plugin: { rateLimit: { max: 3, windowMs: 60_000 } } })
    const path = 'GET /connectors/acme/sync-config'
    for (let calls = 0; calls < 3; calls++) expect((await api.call(path)).status).toBe(200)
    const limited = await api.call(path)
    expect(limited).toMatchObject({ status: 429, body: { code: 'TOO_MANY_REQUESTS' } })
    const seconds = Number(limited.headers.get('retry-after'))
    expect(seconds).toBeGreaterThanOrEqual(1)
    expect(seconds).toBeLessThanOrEqual(60)
    expect((await api.call(path, { token: 'reader' })).status).toBe(200)
    expect((await api.call(path, { token: 'none' })).status).toBe(401)
  })

  test('it can be left to the host', async () => {
    const api = await serve({ plugin: { rateLimit: false } })
    const answers = await Promise.all(
      Array.from({ length: 700 }, () => api.call('GET /connectors/acme/sync-config')),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })
})
