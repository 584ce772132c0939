// model

// for connector authors
export type { ResourceCache, ResourceCacheOptions } from './caching/resource-cache.ts'
export { createResourceCache } from './caching/resource-cache.ts'
export { defineConnector } from './connecting/define-connector.ts'
export { createSyncline } from './create-syncline.ts'
// errors
export type { ErrorCode, SyncErrorOptions } from './errors.ts'
export {
  connectorBusy,
  connectorLinked,
  connectorNotOwned,
  errorCodes,
  isSyncError,
  SyncError,
} from './errors.ts'
export { canonicalJson } from './hashing/canonical-json.ts'
export { emailKey, matchFolding, matchText } from './matching/match-text.ts'
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
export type { FoundResource } from './model/found-resource.ts'
export type { JsonObject, JsonValue } from './model/json.ts'
export type { ActionKind, ActionStatus, LifecycleAction } from './model/lifecycle-action.ts'
export { actionKinds } from './model/lifecycle-action.ts'
export type { LocalUser, UserStatus } from './model/local-user.ts'
export { userStatuses } from './model/local-user.ts'
export type {
  Match,
  MatchCandidate,
  MatchConfidence,
  MatchEvidence,
  MatchProblem,
  MatchState,
  MatchStatus,
  MatchStrategy,
  MatchSubject,
  SubjectResource,
  UserLink,
} from './model/match.ts'
export { matchStatuses, matchStrategies } from './model/match.ts'
export type { Owner } from './model/owner.ts'
export { defaultTenantId } from './model/owner.ts'
export type {
  PlannedCreate,
  PlannedMatch,
  PlannedProfile,
  PlannedState,
  PlannedStatusChange,
  PostSyncPlan,
  SkippedRule,
} from './model/post-sync-plan.ts'
export type {
  DeactivationVerdict,
  PostSyncRun,
  PostSyncStats,
  PostSyncStatus,
} from './model/post-sync-run.ts'
export { noPostSyncStats } from './model/post-sync-run.ts'
export type {
  AttributeMapping,
  DeactivationGuard,
  PostSyncSettings,
  SyncTriggerMode,
} from './model/post-sync-settings.ts'
export { syncTriggerModes, writeModes } from './model/post-sync-settings.ts'
export type { AttributeSource, AttributeWriter, FieldChange, Profile } from './model/profile.ts'
export type { QuarantinedRecord, QuarantineReason, RejectedRecord } from './model/quarantine.ts'
export { quarantineReasons } from './model/quarantine.ts'
export type { PreparedRecord, UpstreamRecord } from './model/record.ts'
export type { Resource } from './model/resource.ts'
export type {
  Checkpoint,
  GuardVerdict,
  RequestedRun,
  Run,
  RunError,
  RunMode,
  RunStatus,
  StageTimings,
  SyncStats,
} from './model/run.ts'
export type { EndedRun, ScheduledScope, SchedulePlan } from './model/schedule.ts'
export type { ParentRef, ResourceRef, Scope } from './model/scope.ts'
export type { FilterRules, RemovalGuard, SyncConfig } from './model/sync-config.ts'
export type {
  EventMark,
  ResourceEvent,
  WebhookAction,
  WebhookData,
  WebhookMessage,
  WebhookOutcomeStatus,
} from './model/webhook.ts'
export { webhookActions } from './model/webhook.ts'
export type { WorkflowJob, WorkflowJobPayload, WorkflowRecord } from './model/workflow-job.ts'
// ports
export type { Cache, CacheEntry, CacheLookUp, CacheTarget } from './ports/cache.ts'
export { cacheTicketMs } from './ports/cache.ts'
export type { ChangeLog } from './ports/change-log.ts'
export type { Clock } from './ports/clock.ts'
export type {
  ConfigSchema,
  ConnectorContext,
  ConnectorType,
  GetAnswer,
  GetRequest,
  ListAnswer,
  ListCommand,
  ListFailure,
  ListPage,
  ListRequest,
  ParsedConfig,
  ResourceTypeDefinition,
  WebhookRequest,
  WebhookVerdict,
} from './ports/connector.ts'
export type {
  ConnectorMove,
  ConnectorOwner,
  ConnectorStore,
  ConnectorWrite,
} from './ports/connector-store.ts'
export type { CredentialAccess, CredentialExchange } from './ports/credential-access.ts'
export type { CredentialStore, RefreshClaim, RefreshHolder } from './ports/credential-store.ts'
export type { EventSink } from './ports/event-sink.ts'
export type {
  ClaimedRequest,
  KeyedRequest,
  KeyedRequestStore,
  RequestClaim,
} from './ports/keyed-request-store.ts'
export type { Logger } from './ports/logger.ts'
export type {
  ActionQuery,
  FinishPostSync,
  MatchQuery,
  MatchSlice,
  MatchWrite,
  NewAction,
  PeopleCommit,
  PeopleCommitted,
  PeopleStore,
  PostSyncLease,
  SettledAction,
  SubjectSlice,
} from './ports/people-store.ts'
export type { ProfileStore, ProfileWrite } from './ports/profile-store.ts'
export type { QuarantineQuery, QuarantineStore } from './ports/quarantine-store.ts'
export type {
  AddedJob,
  DeadLetter,
  JobCounts,
  JobFacts,
  JobHandler,
  JobProgress,
  JobStatus,
  NewJob,
  NotNow,
  Queue,
  QueueWorker,
  Recurrence,
  RunningJob,
  Schedule,
  ScheduleStatus,
  WorkRequest,
} from './ports/queue.ts'
export type { Permit, PermitRequest, RateLimiter, RateLimits, RateWindow } from './ports/rate-limiter.ts'
export type {
  GenerationScope,
  ListingSummary,
  PageAhead,
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
  QueuedRun,
  RunFilter,
  RunOwner,
  RunQuery,
  RunStore,
  ScopeState,
} from './ports/run-store.ts'
export type { ScheduleStore } from './ports/schedule-store.ts'
export type { Store } from './ports/store.ts'
export type { SyncConfigStore } from './ports/sync-config-store.ts'
export type {
  CreatedUser,
  KeyHit,
  KeyLookup,
  NewUser,
  StatusChange,
  StatusChanged,
  UserDirectory,
  UserKey,
} from './ports/user-directory.ts'
export type { WebhookHandler } from './ports/webhook-handler.ts'
export type {
  EventDecision,
  EventState,
  MessageId,
  TakenEvent,
  WebhookStore,
} from './ports/webhook-store.ts'
export type { WorkflowTrigger } from './ports/workflow-trigger.ts'
// for adapter authors
export type { CheckedJob, CheckedSchedule } from './queueing/check-requests.ts'
export { checkDelay, checkJob, checkSchedule, checkWork } from './queueing/check-requests.ts'
export { describeFailure, maxDeadLetters } from './queueing/failed-job.ts'
export { nextTickOf } from './queueing/next-tick-of.ts'
export type { Limits, LimitsInput } from './sync/limits.ts'
export { syncConfigDefaults } from './syncline/configs.ts'
// the host's handle
export type { ConnectorInput, ConnectorRef, ConnectorsHandle } from './syncline/connector-handles.ts'
export type { FingerprintedRequest, KeyedRequestsHandle } from './syncline/keyed-requests.ts'
export type { SynclineOptions } from './syncline/options.ts'
export type { Paged, PageRequest } from './syncline/paged.ts'
export type {
  BulkResolution,
  MatchesHandle,
  MatchRef,
  MatchResolution,
  PostSyncHandle,
} from './syncline/people-handles.ts'
export type { RunApproval, RunsHandle, WatchOptions } from './syncline/run-handles.ts'
export type { RunProgress } from './syncline/run-progress.ts'
export { runProgress } from './syncline/run-progress.ts'
export type {
  ConfigCondition,
  ConnectorOutcome,
  CredentialInput,
  OperatorTask,
  PostSyncSummary,
  ScopeOutcome,
  StartOptions,
  SyncAllRequest,
  SyncConfigInput,
  Syncline,
  SyncRequest,
  SyncStatus,
  TriggerRequest,
} from './syncline/syncline.ts'
export type { ReceivedWebhook, WebhookOutcome, WebhooksHandle } from './syncline/webhook-handles.ts'
export { parseRetryAfter } from './time/retry-after.ts'
export { systemClock } from './time/system-clock.ts'
export { createUuidV7 } from './time/uuid-v7.ts'
// webhooks
export { resourceEventSchema } from './webhooks/parse-event.ts'
