import type {
  CallOptions,
  ChangeCallOptions,
  EventsCallOptions,
  KeyedCallOptions,
  RemovalCallOptions,
  WaitingCallOptions,
} from './client-options.ts'
import type { List } from './documents/list.ts'
import type { Match, MatchStats } from './documents/match.ts'
import type { QuarantinedRecord } from './documents/quarantined-record.ts'
import type { Resource } from './documents/resource.ts'
import type { Run, RunEvent, TriggerAnswer } from './documents/run.ts'
import type { SavedSyncConfig, SyncConfig, TaggedSyncConfig } from './documents/sync-config.ts'
import type { SyncStatus } from './documents/sync-status.ts'
import type { WebhookReceived } from './documents/webhook.ts'
import type {
  BulkMatchResolution,
  CacheTarget,
  ConfigChange,
  ConnectorRef,
  MatchFilter,
  MatchQuery,
  MatchRef,
  MatchResolution,
  QuarantineFilter,
  QuarantineQuery,
  ResourceFilter,
  ResourceQuery,
  RunFilter,
  RunQuery,
  RunRef,
  ScopeRef,
  SignedWebhook,
  SyncConfigQuery,
  TriggerRequest,
  Walk,
} from './requests.ts'

/**
 * Syncline's HTTP API, a method per operation, and an `each…` beside every list that walks it along its cursors.
 * Everything throws `SynclineApiError`, or the signal's reason; TypeError for an input that is no request.
 */
export interface SynclineClient {
  listResources(query: ResourceQuery, options?: CallOptions): Promise<List<Resource>>
  eachResource(query: ResourceFilter & Walk, options?: CallOptions): AsyncIterable<Resource>

  listSyncConfigs(query: SyncConfigQuery, options?: CallOptions): Promise<List<SyncConfig>>
  getSyncConfig(scope: ScopeRef, options?: CallOptions): Promise<TaggedSyncConfig>
  /** Creates or changes. With a condition it is not sent again when its answer is lost: nobody knows if it was made. */
  putSyncConfig(change: ConfigChange, options?: ChangeCallOptions): Promise<SavedSyncConfig>
  /** `NOT_FOUND` when there is none; also when an attempt whose answer was lost has removed it. */
  deleteSyncConfig(scope: ScopeRef, options?: RemovalCallOptions): Promise<void>
  getSyncStatus(scope: ScopeRef, options?: CallOptions): Promise<SyncStatus>
  /**
   * Runs a sync and waits for its end, or less long by the options. A run that ends without success is thrown, with
   * its `runId`; one that goes on already as `SYNC_ALREADY_RUNNING`.
   */
  triggerSync(request: TriggerRequest, options?: WaitingCallOptions): Promise<TriggerAnswer>

  /** Newest first. */
  listRuns(query: RunQuery, options?: CallOptions): Promise<List<Run>>
  eachRun(query: RunFilter & Walk, options?: CallOptions): AsyncIterable<Run>
  getRun(run: RunRef, options?: CallOptions): Promise<Run>
  /** Carries out the removals that a guarded run refused. Answers the run that does it: ended if `finishedAt` is set. */
  approveRun(run: RunRef, options?: WaitingCallOptions): Promise<Run>
  /** `RUN_ENDED` when it came to another end. */
  cancelRun(run: RunRef, options?: CallOptions): Promise<Run>
  /**
   * The states of a run until it has finished. A connection that breaks is made again, and nothing is told twice. To
   * stop earlier, leave the loop or abort the signal.
   */
  streamRunEvents(run: RunRef, options?: EventsCallOptions): AsyncIterable<RunEvent>

  listMatches(query: MatchQuery, options?: CallOptions): Promise<List<Match>>
  eachMatch(query: MatchFilter & Walk, options?: CallOptions): AsyncIterable<Match>
  matchStats(scope: ConnectorRef & { readonly type: string }, options?: CallOptions): Promise<MatchStats>
  resolveMatch(resolution: MatchResolution, options?: KeyedCallOptions): Promise<Match>
  unlinkMatch(match: MatchRef, options?: KeyedCallOptions): Promise<Match>
  /** Rows of other connectors are left alone; `updated` says how many are now as the decision wants them. */
  bulkResolveMatches(
    resolution: BulkMatchResolution,
    options?: KeyedCallOptions,
  ): Promise<{ readonly updated: number }>

  /** Newest first. */
  listQuarantine(query: QuarantineQuery, options?: CallOptions): Promise<List<QuarantinedRecord>>
  eachQuarantined(query: QuarantineFilter & Walk, options?: CallOptions): AsyncIterable<QuarantinedRecord>

  /** `cleared: false`: the cache could not be reached and is tried again. */
  clearCache(target: CacheTarget, options?: CallOptions): Promise<{ readonly cleared: boolean }>

  /** For upstreams of your own: sends what you have signed, as it is. */
  receiveWebhook(webhook: SignedWebhook, options?: CallOptions): Promise<WebhookReceived>
}
