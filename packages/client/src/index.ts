export type { ApiFailure, RequestFault } from './api-error.ts'
export { isSynclineApiError, SynclineApiError } from './api-error.ts'
export type {
  CallOptions,
  ChangeCallOptions,
  ClientHeaders,
  EventsCallOptions,
  KeyedCallOptions,
  RemovalCallOptions,
  RetryOptions,
  SynclineClientOptions,
  WaitingCallOptions,
} from './client-options.ts'
export type { ClientClock } from './clock.ts'
export { createSynclineClient } from './create-syncline-client.ts'
export type { JsonObject, JsonValue } from './documents/json.ts'
export type { List, ListPart } from './documents/list.ts'
export type {
  BulkResolution,
  Match,
  MatchCandidate,
  MatchStats,
  MatchStatus,
  MatchStrategy,
  Resolution,
} from './documents/match.ts'
export type { QuarantinedRecord, QuarantineReason } from './documents/quarantined-record.ts'
export type { Resource } from './documents/resource.ts'
export type {
  Run,
  RunEvent,
  RunGuard,
  RunMode,
  RunProgress,
  RunStatus,
  TriggerAnswer,
} from './documents/run.ts'
export type {
  AttributeMapping,
  FilterRules,
  SavedSyncConfig,
  SyncConfig,
  SyncConfigChange,
  SyncSettings,
  TaggedSyncConfig,
} from './documents/sync-config.ts'
export type { SyncStats } from './documents/sync-stats.ts'
export type { PostSyncStatus, SyncStatus } from './documents/sync-status.ts'
export type { WebhookReceived } from './documents/webhook.ts'
export type {
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
export type { SynclineClient } from './syncline-client.ts'
