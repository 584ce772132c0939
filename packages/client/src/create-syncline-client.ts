import { SynclineApiError } from './api-error.ts'
import type { SynclineClientOptions } from './client-options.ts'
import { type AnyCallOptions, describeCall } from './describe-call.ts'
import type { SyncConfig, TaggedSyncConfig } from './documents/sync-config.ts'
import type { SyncStats } from './documents/sync-stats.ts'
import { followRun } from './events/follow-run.ts'
import type { OperationName } from './operations.ts'
import type { ApiAnswer } from './read-answer.ts'
import type { SynclineClient } from './syncline-client.ts'
import { createTransport } from './transport.ts'
import { walk } from './walk.ts'

/**
 * A client of Syncline's HTTP API.
 *
 * ```ts
 * const client = createSynclineClient({ baseUrl: '/api', headers: () => ({ authorization: `Bearer ${token()}` }) })
 * const { data } = await client.listResources({ connectorId: 'acme', type: 'user', search: 'ada' })
 * ```
 * @throws TypeError without a base URL
 */
export function createSynclineClient(options: SynclineClientOptions): SynclineClient {
  if (typeof options.baseUrl !== 'string') throw new TypeError('"baseUrl" is required')
  const transport = createTransport(options)
  const { createKey = randomKey } = options
  const send = <Body>(
    name: OperationName,
    input: object,
    call: AnyCallOptions = {},
  ): Promise<ApiAnswer<Body>> =>
    transport.call<Body>({ ...describeCall(name, call, createKey), input: { ...input } })
  const body = async <Body>(...call: Parameters<typeof send>): Promise<Body> =>
    (await send<Body>(...call)).body
  const client: SynclineClient = {
    listResources: (query, call) => body('listResources', query, call),
    eachResource: (query, call) => walk((part) => client.listResources(part, call), query),
    listSyncConfigs: (query, call) => body('listSyncConfigs', query, call),
    getSyncConfig: async (scope, call) => tagged('getSyncConfig', await send('getSyncConfig', scope, call)),
    async putSyncConfig(change, call) {
      const answer = await send<SyncConfig>('putSyncConfig', change, call)
      return { ...tagged('putSyncConfig', answer), created: answer.status === 201 }
    },
    deleteSyncConfig: (scope, call) => body('deleteSyncConfig', scope, call),
    getSyncStatus: (scope, call) => body('getSyncStatus', scope, call),
    async triggerSync(request, call) {
      const answer = await body<Triggered>('triggerSync', request, call)
      return 'stats' in answer ? { completed: true, ...answer } : { completed: false, ...answer }
    },
    listRuns: (query, call) => body('listRuns', query, call),
    eachRun: (query, call) => walk((part) => client.listRuns(part, call), query),
    getRun: (run, call) => body('getRun', run, call),
    approveRun: (run, call) => body('approveRun', run, call),
    cancelRun: (run, call) => body('cancelRun', run, call),
    streamRunEvents: (run, call = {}) => followRun(transport, run, call),
    listMatches: (query, call) => body('listMatches', query, call),
    eachMatch: (query, call) => walk((part) => client.listMatches(part, call), query),
    matchStats: (scope, call) => body('matchStats', scope, call),
    resolveMatch: (resolution, call) => body('resolveMatch', resolution, call),
    unlinkMatch: (match, call) => body('unlinkMatch', match, call),
    bulkResolveMatches: (resolution, call) => body('bulkResolveMatches', resolution, call),
    listQuarantine: (query, call) => body('listQuarantine', query, call),
    eachQuarantined: (query, call) => walk((part) => client.listQuarantine(part, call), query),
    clearCache: (target, call) => body('clearCache', target, call),
    receiveWebhook: (webhook, call) => body('receiveWebhook', webhook, call),
  }
  return client
}

/** As the answer has it. */
type Triggered =
  | { readonly message: string; readonly stats: SyncStats }
  | { readonly message: string; readonly runId: string; readonly status: string }

function tagged(operation: OperationName, answer: ApiAnswer<SyncConfig>): TaggedSyncConfig {
  const { status, headers, body: config, requestId } = answer
  const etag = headers.get('etag')
  if (etag !== null) return { config, etag }
  throw new SynclineApiError({
    operation,
    code: 'UNEXPECTED_ANSWER',
    detail: 'There is no ETag; to a page of another origin the server must expose it',
    status,
    requestId,
  })
}

/** `crypto.randomUUID` is not there in pages that came over plain HTTP. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
