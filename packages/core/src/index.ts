// model

// for connector authors
export { defineConnector } from './connecting/define-connector.ts'
export { createSyncline } from './create-syncline.ts'
// errors
export type { ErrorCode, SyncErrorOptions } from './errors.ts'
export { errorCodes, isSyncError, SyncError } from './errors.ts'
export { canonicalJson } from './hashing/canonical-json.ts'
export type { Change, ChangeKind } from './model/change.ts'
export { changeKinds } from './model/change.ts'
export type { ConnectorDefinition } from './model/connector-definition.ts'
export type {
  Credential,
  CredentialId,
  CredentialState,
  CredentialSummary,
  CredentialValues,
} from './model/credential.ts'
export type { SyncEvent } from './model/event.ts'
export type { JsonObject, JsonValue } from './model/json.ts'
export type { QuarantinedRecord, QuarantineReason, RejectedRecord } from './model/quarantine.ts'
export { quarantineReasons } from './model/quarantine.ts'
export type { PreparedRecord, UpstreamRecord } from './model/record.ts'
export type { Resource } from './model/resource.ts'
export type {
  Checkpoint,
  GuardVerdict,
  Run,
  RunError,
  RunMode,
  RunStatus,
  StageTimings,
  SyncStats,
} from './model/run.ts'
export type { ParentRef, ResourceRef, Scope } from './model/scope.ts'
export type { FilterRules, RemovalGuard, SyncConfig } from './model/sync-config.ts'
// ports
export type { ChangeLog } from './ports/change-log.ts'
export type { Clock } from './ports/clock.ts'
export type {
  ConnectorContext,
  ConnectorType,
  ListAnswer,
  ListCommand,
  ListFailure,
  ListPage,
  ListRequest,
  ResourceTypeDefinition,
} from './ports/connector.ts'
export type { ConnectorStore } from './ports/connector-store.ts'
export type { CredentialAccess, CredentialExchange } from './ports/credential-access.ts'
export type { CredentialStore, RefreshClaim, RefreshHolder } from './ports/credential-store.ts'
export type { EventSink } from './ports/event-sink.ts'
export type { Logger } from './ports/logger.ts'
export type { QuarantineStore } from './ports/quarantine-store.ts'
export type { Permit, PermitRequest, RateLimiter, RateLimits, RateWindow } from './ports/rate-limiter.ts'
export type {
  GenerationScope,
  ListingSummary,
  PageCommit,
  PageResult,
  ResourceQuery,
  ResourceSlice,
  ResourceStore,
  SweepBatch,
  UpsertOutcome,
} from './ports/resource-store.ts'
export type {
  BeginDecision,
  FinishRun,
  Lease,
  NewRun,
  RunQuery,
  RunStore,
  ScopeState,
} from './ports/run-store.ts'
export type { Store } from './ports/store.ts'
export type { SyncConfigStore } from './ports/sync-config-store.ts'
export type { Limits, LimitsInput } from './sync/limits.ts'
export { syncConfigDefaults } from './syncline/configs.ts'
export type { SynclineOptions } from './syncline/options.ts'
// the host's handle
export type {
  ConnectorInput,
  CredentialInput,
  Paged,
  PageRequest,
  SyncConfigInput,
  Syncline,
  SyncRequest,
  SyncStatus,
} from './syncline/syncline.ts'
export { parseRetryAfter } from './time/retry-after.ts'
// for adapter authors
export { systemClock } from './time/system-clock.ts'
export { createUuidV7 } from './time/uuid-v7.ts'
