import { createHmac } from 'node:crypto'
import { createSyncline, type Queue, type Syncline, type UpstreamRecord } from '@syncline/core'
import { memoryCache, memoryCredentialStore, memoryQueue } from '@syncline/core/memory'
import { type RecordingSink, recordingSink, recordingWorkflows, scriptedConnector } from '@syncline/testing'
import type { PeopleHostParts } from '../people/people-hosts.ts'

export const idOf = (tenant: string): string => `${tenant}-hr`
export const scopeOf = (tenant: string) => ({ connectorId: idOf(tenant), resourceType: 'user' })
export const requestOf = (tenant: string) => ({
  connectorId: idOf(tenant),
  principalId: 'operator',
  key: 'key-1',
  fingerprint: 'f-1',
})

/** What the request of the tenant was answered when it came first. */
export const answerOf = (syncline: Syncline, tenant: string): Promise<string> =>
  syncline.requests.once({ ...requestOf(tenant), key: 'key-2' }, async () => `Answer of ${tenant}`)

/** What a tenant has that is asked for by its id. */
export interface TenantIds {
  /** Of its first run. */
  readonly runId: string
  /** Of the match row of resource `4`, which matches no user. */
  readonly matchId: string
  /** Of a run that waits for a worker. */
  readonly queuedRunId: string
  /** Of a dead letter. */
  readonly jobId: string
  /** Of the deactivation of `u-2`. */
  readonly actionId: string
  /** Of its webhooks. */
  readonly secret: string
}

export interface TwoTenants {
  readonly syncline: Syncline
  readonly host: PeopleHostParts
  readonly sink: RecordingSink
  readonly ids: ReadonlyMap<string, TenantIds>
  /** Workflow jobs that were handed over for the tenant. */
  readonly jobsOf: (tenant: string) => readonly unknown[]
}

const named = (externalId: string, displayName: string, email?: string): UpstreamRecord => ({
  externalId,
  displayName,
  ...(email !== undefined && { email }),
  attributes: {},
})

/**
 * What upstream lists at first, after someone has left, and during the calls of the test. Both tenants list the same
 * ids and addresses; only names show whose a record is.
 */
const listings: readonly ((tenant: string) => readonly UpstreamRecord[])[] = [
  (tenant) => [
    named('1', `Chief of ${tenant}`, 'ceo@shared.example'),
    named('2', `Leaver of ${tenant}`, 'leaver@shared.example'),
    named('3', `Joiner of ${tenant}`, 'joiner@shared.example'),
    named('', `Unreadable of ${tenant}`),
  ],
  (tenant) => [
    named('1', `Chief of ${tenant}`, 'ceo@shared.example'),
    named('3', `Joiner of ${tenant}`, 'joiner@shared.example'),
    named('4', `Nobody of ${tenant}`),
    named('', `Unreadable of ${tenant}`),
  ],
  (tenant) => [
    named('2', `Leaver of ${tenant}, back`, 'leaver@shared.example'),
    named('3', `Joiner of ${tenant}, married`, 'joiner@shared.example'),
    named('4', `Nobody of ${tenant}`),
    named('5', `Newcomer of ${tenant}`, 'newcomer@shared.example'),
  ],
]

const usersOf = (tenantId: string) =>
  ['ceo', 'leaver', 'other'].map((name, place) => ({
    userId: `u-${place + 1}`,
    tenantId,
    email: `${name}@shared.example`,
    status: 'active' as const,
  }))

const settings = {
  createUsers: true,
  deactivateUsers: true,
  deactivationGuard: null,
  removalGuard: null,
  postSyncWorkflowId: 'onboarding',
  syncTriggerMode: 'per_record',
  attributeMappings: [
    { sourcePath: 'displayName', targetField: 'title', writeMode: 'overwrite_always', enabled: true },
  ],
} as const

/** A connector type whose upstreams tell tenants apart by name only. */
function upstreams() {
  const stage = new Map<string, number>()
  const asked = new Map<string, number>()
  const { resourceTypes: _, ...type } = scriptedConnector({ resourceTypes: { user: { pages: [] } } })
  const answer = <Payload>(payload: Payload) => ({ success: true as const, payload })
  const user = {
    list: async (_request: unknown, { tenantId }: { readonly tenantId: string }) =>
      answer({ resources: listings[stage.get(tenantId) ?? 0]?.(tenantId) ?? [] }),
    async get({ externalId }: { externalId: string }, { tenantId }: { readonly tenantId: string }) {
      asked.set(tenantId, (asked.get(tenantId) ?? 0) + 1)
      return answer(named(externalId, `Asked of ${tenantId}: ${asked.get(tenantId)}`))
    },
  }
  const advance = (tenant: string): void => void stage.set(tenant, (stage.get(tenant) ?? 0) + 1)
  const group = { list: async () => answer({ resources: [] }) }
  return { type: { ...type, resourceTypes: { user, group } }, advance }
}

/**
 * Tenants that share external ids, user ids, addresses, credential references, message ids and idempotency keys. Each
 * has linked, created and deactivated users; its next sync and post-sync would change all of them.
 */
export async function setTwoTenants(host: PeopleHostParts, tenants: readonly string[]): Promise<TwoTenants> {
  const { type, advance } = upstreams()
  const queue = memoryQueue()
  const sink = recordingSink()
  const workflows = recordingWorkflows()
  const { store, users, profiles } = host
  const syncline = createSyncline({
    store,
    users,
    profiles,
    queue,
    workflows,
    connectorTypes: [type],
    credentials: memoryCredentialStore(),
    cache: memoryCache(),
    automaticPostSync: false,
    onEvent: sink.onEvent,
  })
  const ids = new Map<string, TenantIds>()
  for (const tenant of tenants) {
    const scope = scopeOf(tenant)
    const owned = { connectorId: idOf(tenant), tenantId: tenant }
    await host.put(usersOf(tenant))
    await syncline.credentials.save({ tenantId: tenant, ref: 'hr', values: { token: `${tenant}-token` } })
    await syncline.connectors.save({ ...owned, credentialRef: 'hr', type: type.type })
    await syncline.configs.save({ ...scope, ...settings })
    const { secret } = await syncline.webhooks.setSecret({ connectorId: idOf(tenant) })
    const { runId } = await syncline.sync(scope)
    await syncline.postSync.run(scope)
    advance(tenant)
    await syncline.sync(scope)
    await syncline.postSync.run(scope)
    advance(tenant)
    await syncline.requests.effectId(requestOf(tenant))
    await answerOf(syncline, tenant)
    await syncline.webhooks.receive(webhookOf(tenant, secret))
    const [match] = await syncline.matches.slice({ ...scope, after: '3', limit: 1 })
    const [gone] = await syncline.postSync.actions({ tenantId: tenant, kind: 'deactivate' })
    ids.set(tenant, {
      runId,
      secret,
      matchId: match?.matchId ?? '',
      actionId: gone?.actionId ?? '',
      jobId: await deadLetterOf(queue, tenant),
      queuedRunId: '',
    })
  }
  // Last: their jobs must not become dead letters.
  for (const [tenant, known] of ids) {
    const { runId } = await syncline.trigger({ connectorId: idOf(tenant), resourceType: 'group' })
    ids.set(tenant, { ...known, queuedRunId: runId })
  }
  const jobsOf = (tenant: string) => workflows.jobs.filter(({ tenantId }) => tenantId === tenant)
  return { syncline, host, sink, ids, jobsOf }
}

/** A webhook to the connector of a tenant, as the sender with this secret signs it. */
export function webhookOf(tenant: string, secret: string, messageId = 'message-1') {
  const body = JSON.stringify({ action: 'deleted', resourceType: 'user', resourceId: '9' })
  const time = Math.floor(Date.now() / 1_000)
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${messageId}.${time}.${body}`).digest('base64')
  return {
    connectorId: idOf(tenant),
    headers: {
      'webhook-id': messageId,
      'webhook-timestamp': `${time}`,
      'webhook-signature': `v1,${signature}`,
    },
    body: Buffer.from(body),
  }
}

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

/** Everything that a tenant has, part by part, as text. */
export async function snapshotOf(stage: TwoTenants, tenant: string): Promise<string> {
  const { syncline, host, sink, jobsOf } = stage
  const scope = scopeOf(tenant)
  const { connectorId } = scope
  const owner = { tenantId: tenant }
  const matches = await syncline.matches.slice({ ...scope, limit: 100 })
  const userIds = ['u-1', 'u-2', 'u-3', ...matches.flatMap(({ userId }) => userId ?? [])]
  const parts = {
    connectors: syncline.connectors.list(owner),
    configs: syncline.configs.list(owner),
    credentials: syncline.credentials.list(owner),
    webhooks: syncline.webhooks.state({ connectorId }),
    runs: syncline.runs.list({ ...owner, limit: 100 }),
    resources: syncline.resources.list({ connectorId, pageSize: 100 }),
    cached: syncline.resources.lookUp({ ...scope, externalId: '1' }),
    changes: syncline.changes.read(scope),
    quarantine: syncline.quarantine.list({ connectorId, pageSize: 100 }),
    matches,
    postSyncRuns: syncline.postSync.runs({ ...scope, limit: 100 }),
    actions: syncline.postSync.actions(owner),
    letters: syncline.jobs.deadLetters(owner),
    status: syncline.status(scope),
    request: syncline.requests.effectId(requestOf(tenant)),
    answer: answerOf(syncline, tenant),
    users: host.users.get([...new Set(userIds)], owner),
    profiles: host.profiles.read([...new Set(userIds)], owner),
    rows: host.rowsOf(tenant),
    jobs: jobsOf(tenant),
    events: sink.events.filter((event) => 'tenantId' in event && event.tenantId === tenant),
  }
  const read = await Promise.all(
    Object.entries(parts).map(async ([part, value]) => `${part}: ${JSON.stringify(await value)}`),
  )
  return read.join('\n')
}

/** Every method of a handle by its path, however deep. */
export function methodsOf(handle: object, prefix = ''): readonly string[] {
  return Object.entries(handle).flatMap(([name, value]) => {
    if (typeof value === 'function') return [`${prefix}${name}`]
    return typeof value === 'object' && value !== null ? methodsOf(value, `${prefix}${name}.`) : []
  })
}
