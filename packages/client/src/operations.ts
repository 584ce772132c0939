/** One operation of the API: how what a caller says becomes a request. */
export interface Operation {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Below the base URL; `:name` is taken from the input. */
  readonly path: string
  /** Members of the input that go into the query. */
  readonly query?: readonly string[]
  /** Whether what is left of the input is the body; `raw`: the input's `body` is sent as it is. */
  readonly body?: 'json' | 'raw'
  /** It takes an `Idempotency-Key`, which makes it safe to repeat; all others are so by themselves. @default false */
  readonly keyed?: boolean
}

const sync = '/connectors/:connectorId/sync-config'
const runs = '/connectors/:connectorId/runs'
const matches = '/connectors/:connectorId/sync-matches'
const list = ['page', 'pageSize', 'after'] as const

/** Every operation of the API, by the name it has in the OpenAPI document. */
export const operations = {
  listResources: {
    method: 'GET',
    path: '/connectors/:connectorId/resources',
    query: ['type', 'search', 'stale', ...list],
  },
  listSyncConfigs: { method: 'GET', path: sync, query: [...list] },
  getSyncConfig: { method: 'GET', path: `${sync}/:resourceType` },
  putSyncConfig: { method: 'PUT', path: `${sync}/:resourceType`, body: 'json' },
  deleteSyncConfig: { method: 'DELETE', path: `${sync}/:resourceType` },
  getSyncStatus: { method: 'GET', path: `${sync}/:resourceType/status` },
  triggerSync: { method: 'POST', path: `${sync}/:resourceType/trigger`, body: 'json', keyed: true },
  listRuns: { method: 'GET', path: runs, query: ['type', 'status', ...list] },
  getRun: { method: 'GET', path: `${runs}/:runId` },
  approveRun: { method: 'POST', path: `${runs}/:runId/approve`, keyed: true },
  cancelRun: { method: 'POST', path: `${runs}/:runId/cancel` },
  streamRunEvents: { method: 'GET', path: `${runs}/:runId/events` },
  listMatches: {
    method: 'GET',
    path: matches,
    query: ['type', 'status', 'search', ...list],
  },
  matchStats: { method: 'GET', path: `${matches}/stats`, query: ['type'] },
  resolveMatch: { method: 'POST', path: `${matches}/:matchId/resolve`, body: 'json', keyed: true },
  unlinkMatch: { method: 'POST', path: `${matches}/:matchId/unlink`, keyed: true },
  bulkResolveMatches: { method: 'POST', path: `${matches}/bulk-resolve`, body: 'json', keyed: true },
  listQuarantine: {
    method: 'GET',
    path: '/connectors/:connectorId/quarantine',
    query: ['type', ...list],
  },
  clearCache: {
    method: 'DELETE',
    path: '/connectors/:connectorId/cache',
    query: ['type', 'externalId'],
  },
  receiveWebhook: { method: 'POST', path: '/webhooks/:connectorId', body: 'raw' },
} as const satisfies Record<string, Operation>

/** The name of an operation. */
export type OperationName = keyof typeof operations
