import { createSyncline, type Queue, type Store, type Syncline } from '@syncline/core'
import { memoryCredentialStore, memoryQueue, memoryUserDirectory } from '@syncline/core/memory'
import { scriptedConnector } from '@syncline/testing'

export const tenants = ['north', 'south'] as const
export const idOf = (tenant: string): string => `${tenant}-hr`
export const scopeOf = (tenant: string) => ({ connectorId: idOf(tenant), resourceType: 'user' })

/** Both tenants list the same ids and addresses; only names tell whose a record is. */
const listingOf = (tenant: string) => [
  { externalId: '1', displayName: `Person of ${tenant}`, email: 'ceo@shared.example', attributes: {} },
  { externalId: '', displayName: `Unreadable of ${tenant}`, attributes: {} },
]

export interface TwoTenants {
  readonly syncline: Syncline
  /** Id of the first run and of a match row of each tenant. */
  readonly ids: ReadonlyMap<
    string,
    { readonly runId: string; readonly matchId: string; readonly jobId: string }
  >
}

/** Two tenants that share external ids, addresses, credential references, message ids and idempotency keys. */
export async function setTwoTenants(store: Store): Promise<TwoTenants> {
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [[]] } } })
  const type = {
    ...connector,
    resourceTypes: {
      user: {
        list: async (_request: unknown, { tenantId }: { readonly tenantId: string }) => ({
          success: true as const,
          payload: { resources: listingOf(tenantId) },
        }),
      },
    },
  }
  const queue = memoryQueue()
  const syncline = createSyncline({
    store,
    queue,
    connectorTypes: [type],
    credentials: memoryCredentialStore(),
    users: memoryUserDirectory(),
    automaticPostSync: false,
  })
  const ids = new Map<string, { runId: string; matchId: string; jobId: string }>()
  for (const tenant of tenants) {
    await syncline.credentials.save({ tenantId: tenant, ref: 'hr', values: { token: `${tenant}-token` } })
    const owned = { connectorId: idOf(tenant), tenantId: tenant, credentialRef: 'hr' }
    await syncline.connectors.save({ ...owned, type: connector.type })
    await syncline.webhooks.setSecret({ connectorId: idOf(tenant) })
    const { runId } = await syncline.sync(scopeOf(tenant))
    await syncline.postSync.run(scopeOf(tenant))
    const [match] = await syncline.matches.slice({ ...scopeOf(tenant), limit: 1 })
    await syncline.requests.effectId(requestOf(tenant))
    await store.webhooks?.note({ connectorId: idOf(tenant), messageId: 'message-1' })
    ids.set(tenant, { runId, matchId: match?.matchId ?? '', jobId: await deadLetterOf(queue, tenant) })
  }
  return { syncline, ids }
}

export const requestOf = (tenant: string) => ({
  connectorId: idOf(tenant),
  principalId: 'operator',
  key: 'key-1',
  fingerprint: 'f-1',
})

async function deadLetterOf(queue: Queue, tenant: string): Promise<string> {
  const payload = { ...scopeOf(tenant), tenantId: tenant }
  const { jobId } = await queue.add({ queue: 'syncline-sync', payload, retryDelaysMs: [] })
  const failed = Promise.withResolvers<void>()
  const worker = queue.work({
    queue: 'syncline-sync',
    async handle() {
      failed.resolve()
      throw new Error(`Refused by ${tenant}`)
    },
  })
  await failed.promise
  await worker.stop()
  return jobId
}

/** Everything that a tenant can read, as text. */
export async function snapshotOf({ syncline }: TwoTenants, tenant: string): Promise<string> {
  const scope = scopeOf(tenant)
  const { connectorId } = scope
  const owner = { tenantId: tenant }
  return JSON.stringify(
    await Promise.all([
      syncline.connectors.list(owner),
      syncline.configs.list(owner),
      syncline.credentials.list(owner),
      syncline.webhooks.state({ connectorId }),
      syncline.runs.list({ ...owner, limit: 100 }),
      syncline.resources.list({ connectorId, pageSize: 100 }),
      syncline.changes.read(scope),
      syncline.quarantine.list({ connectorId, pageSize: 100 }),
      syncline.matches.list({ ...scope, pageSize: 100 }),
      syncline.postSync.runs({ ...scope, limit: 100 }),
      syncline.postSync.actions({ tenantId: tenant }),
      syncline.jobs.deadLetters(owner),
      syncline.status(scope),
      syncline.requests.effectId(requestOf(tenant)),
    ]),
  )
}

/** Every method of a handle by its path, however deep. */
export function methodsOf(handle: object, prefix = ''): readonly string[] {
  return Object.entries(handle).flatMap(([name, value]) => {
    if (typeof value === 'function') return [`${prefix}${name}`]
    return typeof value === 'object' && value !== null ? methodsOf(value, `${prefix}${name}.`) : []
  })
}
