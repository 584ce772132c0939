import type { Change } from '../model/change.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { CredentialState, CredentialSummary } from '../model/credential.ts'
import type { QuarantinedRecord } from '../model/quarantine.ts'
import type { UpstreamRecord } from '../model/record.ts'
import type { Resource } from '../model/resource.ts'
import type { Run, RunMode } from '../model/run.ts'
import type { ResourceRef, Scope } from '../model/scope.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import type { ResourceQuery, UpsertOutcome } from '../ports/resource-store.ts'
import type { RunQuery } from '../ports/run-store.ts'

/** What to sync. */
export interface SyncRequest extends Scope {
  /** Forces a mode. @default the config's strategy; always full while there is no watermark */
  readonly mode?: RunMode | undefined
  /** Begins a new listing even where an earlier one could be resumed. @default false */
  readonly restart?: boolean | undefined
  /** Ends the run as `cancelled` when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/** How a scope stands. */
export interface SyncStatus {
  /** `success` also covers a run that stopped on purpose and will resume; `error` everything that needs a look. */
  readonly status: 'idle' | 'running' | 'success' | 'error'
  readonly latestRun?: Run | undefined
  /** How the connector's credential stands; absent when it has none or there is no credential store. */
  readonly credential?: CredentialState | 'missing' | 'unreadable' | undefined
  readonly watermark?: string | undefined
  /** Next tick of the schedule; absent when the config is disabled or has none. */
  readonly nextRunAt?: Date | undefined
}

/** One numbered page of a list. */
export interface Paged<Item> {
  readonly data: readonly Item[]
  /** How many there are in all. */
  readonly total: number
  /** False: there are at least `total`. A search is counted up to 1,000 matches, or to the end of the page. */
  readonly totalIsExact: boolean
  readonly page: number
  readonly pageSize: number
  readonly totalPages: number
}

export interface PageRequest {
  /** From 1. @default 1 */
  readonly page?: number | undefined
  /** 1 to 2000. @default 20 */
  readonly pageSize?: number | undefined
}

/** A connector to create or replace. */
export interface ConnectorInput {
  readonly connectorId: string
  readonly type: string
  /** @default 'default' */
  readonly tenantId?: string | undefined
  /** @default the id */
  readonly name?: string | undefined
  /** What the type's schema asks for; no secrets. @default {} */
  readonly config?: Readonly<Record<string, unknown>> | undefined
  readonly credentialRef?: string | undefined
  /** @default 'active' */
  readonly status?: ConnectorDefinition['status'] | undefined
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

/** Settings to create or change; what is left out keeps its value, or gets its default on create. `null` clears. */
export type SyncConfigInput = Scope & {
  readonly [Field in
    | 'enabled'
    | 'strategy'
    | 'cronSchedule'
    | 'filterRules'
    | 'staleRetention'
    | 'volatilePaths'
    | 'pageSize'
    | 'removalGuard']?: SyncConfig[Field] | null | undefined
}

/** The host's handle, made with `createSyncline`. */
export interface Syncline {
  /** Begins to look for runs whose process died and resumes them. Only needed in long-lived processes. */
  start(): Promise<void>
  /** Ends this process's runs as resumable and waits for them. Never closes what the host passed in. */
  stop(): Promise<void>
  /**
   * Runs one sync to its end and resolves with the run, whatever its final status: look at `run.status`.
   * @throws SYNC_ALREADY_RUNNING (with `details.runId`), TENANT_LIMIT_REACHED, MIN_INTERVAL_NOT_REACHED,
   * CONNECTOR_NOT_FOUND, CONNECTOR_PAUSED, CONNECTOR_TYPE_UNKNOWN, RESOURCE_TYPE_UNKNOWN, INCREMENTAL_UNSUPPORTED,
   * GROUPS_NOT_SYNCED: refused, nothing was written
   */
  sync(request: SyncRequest): Promise<Run>
  status(scope: Scope): Promise<SyncStatus>
  readonly connectors: {
    /** @throws CONNECTOR_INVALID, CONNECTOR_TYPE_UNKNOWN, CONNECTOR_CONFIG_INVALID, also when it holds a secret of its credential */
    save(input: ConnectorInput): Promise<ConnectorDefinition>
    get(connectorId: string): Promise<ConnectorDefinition | undefined>
    list(query?: { readonly tenantId?: string | undefined }): Promise<readonly ConnectorDefinition[]>
    remove(connectorId: string): Promise<boolean>
    /** Tests address and credentials with the type's own `check`; does nothing for a type that has none. */
    check(connectorId: string): Promise<void>
  }
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
     * FILTER_INVALID, GLOB_INVALID, INCREMENTAL_UNSUPPORTED
     */
    save(input: SyncConfigInput): Promise<SyncConfig>
    get(scope: Scope): Promise<SyncConfig | undefined>
    list(query?: { readonly connectorId?: string | undefined }): Promise<readonly SyncConfig[]>
    remove(scope: Scope): Promise<boolean>
  }
  readonly runs: {
    get(runId: string): Promise<Run | undefined>
    /** Newest first. */
    list(query?: Partial<RunQuery>): Promise<readonly Run[]>
    /** Asks a running run to stop. False when it is not running. */
    cancel(runId: string): Promise<boolean>
    /**
     * Carries out the removals a guarded run refused, exactly those, once. Resolves with the run that did it.
     * @throws RUN_NOT_FOUND, RUN_NOT_GUARDED, RUN_SUPERSEDED when a later full run has begun
     */
    approve(request: { readonly runId: string; readonly approvedBy: string }): Promise<Run>
  }
  readonly resources: {
    get(ref: ResourceRef): Promise<Resource | undefined>
    list(query: ResourceQuery & PageRequest): Promise<Paged<Resource>>
    /** Every match, in order, streamed in slices: for exports and comparisons. */
    all(query: ResourceQuery): AsyncIterable<Resource>
    /** Stores one record outside a run, as a webhook does; `excluded` when a filter rule leaves it out. @throws RECORD_INVALID */
    upsert(scope: Scope, record: UpstreamRecord): Promise<UpsertOutcome | 'excluded'>
    /** Removes one resource outside a run. False when there is none. */
    remove(ref: ResourceRef): Promise<boolean>
  }
  readonly changes: {
    /** Changes after a position, in order. @default after 0, limit 1000 */
    read(request: Scope & { readonly after?: number; readonly limit?: number }): Promise<readonly Change[]>
  }
  readonly quarantine: {
    list(scope: Scope & PageRequest): Promise<Paged<QuarantinedRecord>>
  }
}
