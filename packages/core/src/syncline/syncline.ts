import type { Change } from '../model/change.ts'
import type { CredentialState, CredentialSummary } from '../model/credential.ts'
import type { FoundResource } from '../model/found-resource.ts'
import type { PostSyncRun } from '../model/post-sync-run.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { QuarantinedRecord } from '../model/quarantine.ts'
import type { UpstreamRecord } from '../model/record.ts'
import type { Resource } from '../model/resource.ts'
import type { Run, RunError, RunMode } from '../model/run.ts'
import type { ResourceRef, Scope } from '../model/scope.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import type { CacheTarget } from '../ports/cache.ts'
import type { ConnectorOwner } from '../ports/connector-store.ts'
import type { QuarantineQuery } from '../ports/quarantine-store.ts'
import type { DeadLetter, JobCounts } from '../ports/queue.ts'
import type { ResourceQuery, ResourceSlice, UpsertOutcome } from '../ports/resource-store.ts'
import type { ConnectorsHandle } from './connector-handles.ts'
import type { KeyedRequestsHandle } from './keyed-requests.ts'
import type { Paged, PageRequest } from './paged.ts'
import type { MatchesHandle, PostSyncHandle } from './people-handles.ts'
import type { RunsHandle } from './run-handles.ts'
import type { RunProgress } from './run-progress.ts'
import type { WebhooksHandle } from './webhook-handles.ts'

/** What to sync. */
export interface SyncRequest extends Scope {
  /** Forces a mode. @default the config's strategy; always full while there is no watermark */
  readonly mode?: RunMode | undefined
  /** Begins a new listing even where an earlier one could be resumed. @default false */
  readonly restart?: boolean | undefined
  /** Ends the run as `cancelled` when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/** What to queue. */
export interface TriggerRequest extends SyncRequest {
  /**
   * Resolves with the ended run instead of the queued one. Some process must be `start`ed to carry it out; the
   * signal ends the waiting, not the run. @default false
   */
  readonly wait?: boolean | undefined
  /**
   * Id of the run. One of the scope that has it already is answered as it stands, and nothing is queued: a request
   * that is made again. @default a new one
   */
  readonly runId?: string | undefined
}

/** Which connectors to sync. */
export interface SyncAllRequest extends Pick<SyncRequest, 'mode' | 'restart' | 'signal'> {
  /** Only of this tenant. */
  readonly tenantId?: string | undefined
  /** Only these, paused ones refused. @default every active one */
  readonly connectorIds?: readonly string[] | undefined
}

/** What came of one resource type: a run, or why there was none. */
export interface ScopeOutcome {
  readonly resourceType: string
  readonly run?: Run | undefined
  readonly error?: RunError | undefined
}

/** What came of one connector. */
export interface ConnectorOutcome {
  readonly connectorId: string
  readonly tenantId: string
  /** success: every run succeeded · failed: none came to anything · partial: anything between */
  readonly outcome: 'success' | 'partial' | 'failed'
  /** In the order they were synced. */
  readonly scopes: readonly ScopeOutcome[]
}

export interface StartOptions {
  /**
   * Whether this process carries out scheduled and queued runs. Without it, it only sees to it that the queue says
   * what the store says. @default true
   */
  readonly work?: boolean | undefined
}

/**
 * What only an operator can do.
 * - approve_deactivations: the deactivation guard tripped; plan, and apply the plan with `approvedBy`
 * - resolve_links: resources lost the link to their user; resolve their match rows
 */
export type OperatorTask = 'approve_deactivations' | 'resolve_links'

/** The latest post-sync of a scope. */
export interface PostSyncSummary
  extends Pick<PostSyncRun, 'runId' | 'status' | 'startedAt' | 'finishedAt' | 'retryAt' | 'guard' | 'error'> {
  /** Live resources that lost the link to their user and have no other one, when the last post-sync ended. */
  readonly linksLost: number
  readonly awaitsOperator: readonly OperatorTask[]
}

/** How a scope stands. */
export interface SyncStatus {
  /** `success` also covers a run that stopped on purpose and will resume; `error` everything that needs a look. */
  readonly status: 'idle' | 'running' | 'success' | 'error'
  readonly latestRun?: Run | undefined
  /** How the connector's credential stands; absent when it has none or there is no credential store. */
  readonly credential?: CredentialState | 'missing' | 'unreadable' | undefined
  readonly watermark?: string | undefined
  /** How far the latest run is, or came. */
  readonly progress?: RunProgress | undefined
  /** When it runs next by itself: a tick of its schedule or a retry. Absent without a schedule, and while paused. */
  readonly nextRunAt?: Date | undefined
  /** The latest post-sync; absent when there was none. */
  readonly postSync?: PostSyncSummary | undefined
}

/** A credential to create or replace. */
export interface CredentialInput {
  /** @default 'default' */
  readonly tenantId?: string | undefined
  /** What connectors say in `credentialRef`. */
  readonly ref: string
  /** By name, as the connector type asks for them. At most 64 KiB of JSON. */
  readonly values: Readonly<Record<string, string>>
  /** When upstream stops accepting them; absent: not known, or never. */
  readonly expiresAt?: Date | undefined
}

/**
 * Settings to create or change; what is left out keeps its value, or gets its default on create. `null` clears.
 * The first `cronSchedule` of a scope also sets `enabled`, unless `enabled` is given.
 */
export type SyncConfigInput = Scope & {
  readonly [Field in
    | 'enabled'
    | 'strategy'
    | 'cronSchedule'
    | 'cronTimeZone'
    | 'filterRules'
    | 'staleRetention'
    | 'volatilePaths'
    | 'pageSize'
    | 'removalGuard'
    | keyof PostSyncSettings]?: SyncConfig[Field] | null | undefined
}

/** What must be so for settings to be changed, at the very moment they are: against lost updates. */
export interface ConfigCondition {
  /** Their revision is one of these; `any`: there are some; `none`: there are none yet. @default whatever there is */
  readonly ifRevision?: readonly string[] | 'any' | 'none' | undefined
}

/** The host's handle, made with `createSyncline`. */
export interface Syncline {
  /**
   * Begins to work by itself: runs what is due and what was triggered, resumes runs whose process died, removes what is
   * past its retention. Only needed in long-lived processes; as many as you like may do it on one store. Called again it
   * begins what it has not begun: `start()` after `start({ work: false })` works from then on, and nothing is taken back.
   * @throws STOPPED after `stop`; STORE_FAILED or SCHEMA_OUTDATED where the store refuses and a person has to act first:
   * nothing has begun then, and it may be called again. A store that is unavailable is waited for.
   */
  start(options?: StartOptions): Promise<void>
  /**
   * Takes no more jobs, ends this process's runs as resumable and waits for them, `limits.stopTimeoutMs` at most.
   * Never closes what the host passed in. It cannot be started again.
   */
  stop(): Promise<void>
  /**
   * Runs one sync to its end and resolves with the run, whatever its final status: look at `run.status`.
   * @throws SYNC_ALREADY_RUNNING (with `details.runId`), TENANT_LIMIT_REACHED, MIN_INTERVAL_NOT_REACHED,
   * CONNECTOR_NOT_FOUND, CONNECTOR_PAUSED, CONNECTOR_TYPE_UNKNOWN, RESOURCE_TYPE_UNKNOWN, INCREMENTAL_UNSUPPORTED,
   * GROUPS_NOT_SYNCED: refused, nothing was written
   */
  sync(request: SyncRequest): Promise<Run>
  /**
   * Queues one run, before any scheduled one, and answers it at once: its id, status `queued`. Look at it with
   * `runs.get`.
   * @throws SYNC_ALREADY_RUNNING (with `details.runId`) while a run of the scope goes on or is queued, and what `sync`
   * throws for a connector or a request that cannot be
   */
  trigger(request: TriggerRequest): Promise<Run>
  /** Syncs every configured scope in this process and reports by connector. One that fails never ends another's runs. @throws CONNECTOR_NOT_FOUND, before anything begins */
  syncAll(request?: SyncAllRequest): Promise<readonly ConnectorOutcome[]>
  status(scope: Scope): Promise<SyncStatus>
  /** Configured connectors and who owns them. */
  readonly connectors: ConnectorsHandle
  /** Secrets can be written here, never read. @throws OPTIONS_INVALID when there is no credential store */
  readonly credentials: {
    /** Creates or replaces; ends `reauth_required`. @throws CREDENTIAL_INVALID */
    save(input: CredentialInput): Promise<CredentialSummary>
    list(query?: {
      readonly tenantId?: string | undefined
      readonly ref?: string | undefined
    }): Promise<readonly CredentialSummary[]>
    /** False when there is none. */
    remove(credential: Pick<CredentialInput, 'tenantId' | 'ref'>): Promise<boolean>
  }
  readonly configs: {
    /**
     * Creates or changes the settings of a scope. A change of what is kept (filter rules) makes the next run full.
     * @throws CONNECTOR_NOT_FOUND, RESOURCE_TYPE_UNKNOWN, SYNC_CONFIG_INVALID, CRON_INVALID, RETENTION_INVALID,
     * FILTER_INVALID, GLOB_INVALID, INCREMENTAL_UNSUPPORTED, PRECONDITION_FAILED
     */
    save(input: SyncConfigInput, condition?: ConfigCondition): Promise<SyncConfig>
    get(scope: Scope): Promise<SyncConfig | undefined>
    list(query?: {
      readonly connectorId?: string | undefined
      /** Only of connectors of this tenant. */
      readonly tenantId?: string | undefined
    }): Promise<readonly SyncConfig[]>
    /** False when there are none. @throws PRECONDITION_FAILED */
    remove(scope: Scope, condition?: ConfigCondition): Promise<boolean>
  }
  readonly runs: RunsHandle
  readonly jobs: {
    /**
     * How many jobs wait for workers, and how many failed for good. With a tenant: its runs that are queued or running,
     * and its dead letters; the queue does not know whose a delayed job is, so `delayed` is 0.
     */
    counts(query?: ConnectorOwner): Promise<JobCounts>
    /** Jobs that failed for good, newest first, with a tenant only those of its connectors. @default limit 100 */
    deadLetters(
      options?: ConnectorOwner & { readonly limit?: number | undefined },
    ): Promise<readonly DeadLetter[]>
    /**
     * Does the work of a dead letter again: makes its scope due now. False when there is no such letter, or with a
     * tenant, none of its connectors.
     */
    redrive(jobId: string, owner?: ConnectorOwner): Promise<boolean>
  }
  readonly resources: {
    get(ref: ResourceRef): Promise<Resource | undefined>
    list(query: ResourceQuery & PageRequest): Promise<Paged<Resource>>
    /** A part of the same list from a key on: stable while rows come and go, as fast at any depth. */
    slice(query: Omit<ResourceSlice, 'offset'>): Promise<readonly Resource[]>
    /**
     * One resource as its connector's `get` reads it upstream, or as the store has it where the type has no `get`;
     * null when there is none. What was found is served from the cache for a while, see `limits.cacheTtlMs`; callers
     * at the same time share one question. The filter rules of syncs do not apply, and nothing is written to the store.
     * @throws CONNECTOR_NOT_FOUND, CONNECTOR_PAUSED, CONNECTOR_TYPE_UNKNOWN, RESOURCE_TYPE_UNKNOWN, RECORD_INVALID,
     * STOPPED, and what upstream came to; never because of the cache
     */
    lookUp(ref: ResourceRef): Promise<FoundResource | null>
    /** Every match, in order, streamed in slices: for exports and comparisons. */
    all(query: ResourceQuery): AsyncIterable<Resource>
    /** Stores one record outside a run, as a webhook does; `excluded` when a filter rule leaves it out. @throws RECORD_INVALID */
    upsert(scope: Scope, record: UpstreamRecord): Promise<UpsertOutcome | 'excluded'>
    /** Removes one resource outside a run. False when there is none. */
    remove(ref: ResourceRef): Promise<boolean>
  }
  /**
   * What look-ups found. Forgotten by itself: a resource when it is upserted or removed directly, a type when a run
   * of it changed anything, a connector when it is saved or removed.
   */
  readonly cache: {
    /**
     * Forgets a resource, a type or a whole connector. True: no process serves anything older from now on. False: the
     * cache could not be reached; this process serves nothing older and tries again every second, others may serve
     * what they find until that succeeds or it expires. @throws OPTIONS_INVALID
     */
    clear(target: CacheTarget): Promise<boolean>
  }
  /** Messages that upstreams send by themselves, and the secrets that prove them theirs. */
  readonly webhooks: WebhooksHandle
  /** Upstream people and the host's users. @throws POST_SYNC_UNAVAILABLE without `users`, or when the store keeps no matches */
  readonly postSync: PostSyncHandle
  /** Match rows, and what operators decide about them. */
  readonly matches: MatchesHandle
  /** Requests that may come again, for an API over this handle. */
  readonly requests: KeyedRequestsHandle
  readonly changes: {
    /** Changes after a position, in order. @default after 0, limit 1000 */
    read(request: Scope & { readonly after?: number; readonly limit?: number }): Promise<readonly Change[]>
  }
  readonly quarantine: {
    /** Newest first. */
    list(query: QuarantineQuery & ConnectorOwner & PageRequest): Promise<Paged<QuarantinedRecord>>
    /** Those older than an entry. */
    slice(
      query: QuarantineQuery &
        ConnectorOwner & { readonly limit: number; readonly before?: number | undefined },
    ): Promise<readonly QuarantinedRecord[]>
  }
}
