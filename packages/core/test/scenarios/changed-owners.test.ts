import { createHmac } from 'node:crypto'
import { type ConnectorType, createSyncline, type Syncline, type SynclineOptions } from '@syncline/core'
import { memoryCredentialStore, memoryQueue, memoryStore, memoryUserDirectory } from '@syncline/core/memory'
import { scriptedConnector } from '@syncline/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { people } from './stage.ts'

const user = { connectorId: 'hr', resourceType: 'user' }
const north = { tenantId: 'north' }
const south = { tenantId: 'south' }

/** Upstreams that list and return records of the tenant of their connector, as soon as they are let. */
let open = Promise.withResolvers<void>()
let asked = Promise.withResolvers<void>()
const scripted = scriptedConnector({ resourceTypes: { user: { pages: [[]] } } })
const answer = async <Payload>(payload: Payload) => {
  asked.resolve()
  await open.promise
  return { success: true as const, payload }
}
const type: ConnectorType = {
  ...scripted,
  resourceTypes: {
    user: {
      list: async (_request, { tenantId }) =>
        answer({
          resources: people(1).map((person) => ({ ...person, displayName: `Person of ${tenantId}` })),
        }),
      get: async ({ externalId }, { tenantId }) =>
        answer({ externalId, displayName: `Person of ${tenantId}`, attributes: {} }),
    },
  },
}

const syncline = (options: Partial<SynclineOptions> = {}): Syncline =>
  createSyncline({
    store: memoryStore(),
    credentials: memoryCredentialStore(),
    connectorTypes: [type],
    automaticPostSync: false,
    ...options,
  })

const make = (of: Syncline, owner: typeof north, connectorId = 'hr') =>
  of.connectors.save({ connectorId, type: type.type, ...owner })

/** The connector goes, and another tenant makes one of the same id. */
async function remake(of: Syncline, connectorId = 'hr'): Promise<void> {
  await of.connectors.remove(connectorId, north)
  await make(of, south, connectorId)
}

beforeEach(() => {
  open = Promise.withResolvers()
  asked = Promise.withResolvers()
})

describe('a connector that another tenant has by now', () => {
  test('is not synced by a syncAll of its former tenant that waited for its turn', async () => {
    const host = syncline({ limits: { maxConcurrentPerTenant: 1 } })
    for (const connectorId of ['a', 'hr']) {
      await make(host, north, connectorId)
      await host.configs.save({ connectorId, resourceType: 'user' })
    }
    const work = host.syncAll(north)
    await asked.promise
    await remake(host)
    await host.configs.save(user)
    open.resolve()
    expect(await work).toMatchObject([
      { connectorId: 'a', outcome: 'success' },
      { connectorId: 'hr', outcome: 'failed', scopes: [{ error: { code: 'CONNECTOR_NOT_FOUND' } }] },
    ])
    expect(await host.runs.list(south)).toEqual([])
  })

  test('takes in no webhook that was verified with the secret of its former tenant', async () => {
    const host = syncline()
    await make(host, north)
    const { secret } = await host.webhooks.setSecret(user)
    const body = JSON.stringify({ action: 'updated', resourceType: 'user', resourceId: '1' })
    const time = Math.floor(Date.now() / 1_000)
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const signature = createHmac('sha256', key).update(`m-1.${time}.${body}`).digest('base64')
    const headers = {
      'webhook-id': 'm-1',
      'webhook-timestamp': `${time}`,
      'webhook-signature': `v1,${signature}`,
    }
    const received = host.webhooks.receive({ connectorId: 'hr', headers, body: Buffer.from(body) })
    await asked.promise
    await remake(host)
    open.resolve()
    await expect(received).rejects.toMatchObject({ code: 'CONNECTOR_NOT_FOUND' })
    expect((await host.resources.list({ connectorId: 'hr' })).data).toEqual([])
  })

  test('is not made due by a dead letter of its former tenant', async () => {
    const queue = memoryQueue()
    const host = syncline({ queue })
    await make(host, north)
    const payload = { ...user, ...north }
    const { jobId } = await queue.add({ queue: 'syncline-sync', payload, retryDelaysMs: [] })
    const failed = Promise.withResolvers<void>()
    const worker = queue.work({
      queue: 'syncline-sync',
      async handle() {
        failed.resolve()
        throw new Error('no')
      },
    })
    await failed.promise
    await worker.stop()
    await remake(host)
    const before = await host.configs.save({ ...user, cronSchedule: '0 4 * * *' })
    expect(await host.jobs.redrive(jobId, north)).toBe(false)
    expect(await host.jobs.redrive(jobId)).toBe(false)
    expect(await host.configs.get(user)).toEqual(before)
  })

  test('serves its new tenant no look-up that its former tenant began', async () => {
    const host = syncline()
    await make(host, north)
    const before = host.resources.lookUp({ ...user, externalId: '1' })
    await asked.promise
    await remake(host)
    const after = host.resources.lookUp({ ...user, externalId: '1' })
    open.resolve()
    expect(await before).toMatchObject({ displayName: 'Person of north' })
    expect(await after).toMatchObject({ displayName: 'Person of south' })
  })

  test('takes back no action of its former tenant', async () => {
    const host = syncline({ users: memoryUserDirectory() })
    await make(host, north)
    await host.configs.save({ ...user, createUsers: true })
    open.resolve()
    await host.sync(user)
    await host.postSync.run(user)
    const [action] = await host.postSync.actions(north)
    const actionId = action?.actionId ?? ''
    await remake(host)
    await expect(host.postSync.undo({ actionId, by: 'op', ...south })).rejects.toMatchObject({
      code: 'ACTION_NOT_FOUND',
    })
    await expect(host.postSync.undo({ actionId, by: 'op', ...north })).rejects.toMatchObject({
      code: 'ACTION_NOT_UNDOABLE',
    })
  })
})

test('a run id that another tenant has is refused, and nothing of its run is shown', async () => {
  const host = syncline({ createRunId: () => 'run-1' })
  await make(host, north, 'north-hr')
  await make(host, south, 'south-hr')
  await host.trigger({ connectorId: 'north-hr', resourceType: 'user' })
  await expect(host.trigger({ connectorId: 'south-hr', resourceType: 'user' })).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.not.stringContaining('north'),
  })
})
