import type { ListPart } from './documents/list.ts'
import type { BulkResolution, MatchStatus, Resolution } from './documents/match.ts'
import type { RunMode, RunStatus } from './documents/run.ts'
import type { SyncConfigChange } from './documents/sync-config.ts'

export interface ConnectorRef {
  readonly connectorId: string
}

/** One resource type of a connector. */
export interface ScopeRef extends ConnectorRef {
  readonly resourceType: string
}

export interface RunRef extends ConnectorRef {
  readonly runId: string
}

export interface MatchRef extends ConnectorRef {
  readonly matchId: string
}

export interface ResourceFilter extends ConnectorRef {
  readonly type?: string | undefined
  /** Part of display name, e-mail or external id, whatever the case. */
  readonly search?: string | undefined
  /** true: only stale ones; false: only live ones. @default both */
  readonly stale?: boolean | undefined
}

export interface RunFilter extends ConnectorRef {
  readonly type?: string | undefined
  readonly status?: RunStatus | undefined
}

export interface MatchFilter extends ConnectorRef {
  readonly type: string
  readonly status?: MatchStatus | undefined
  /** Part of external id, e-mail or display name, whatever the case. */
  readonly search?: string | undefined
}

export interface QuarantineFilter extends ConnectorRef {
  readonly type?: string | undefined
}

export type ResourceQuery = ResourceFilter & ListPart
export type SyncConfigQuery = ConnectorRef & ListPart
export type RunQuery = RunFilter & ListPart
export type MatchQuery = MatchFilter & ListPart
export type QuarantineQuery = QuarantineFilter & ListPart

/** How a list is walked through. */
export interface Walk {
  /** How many are asked for at a time, 2000 at most. @default 500 */
  readonly pageSize?: number | undefined
}

export interface TriggerRequest extends ScopeRef {
  /** @default the strategy of the config */
  readonly mode?: RunMode | undefined
  /** Begins a new listing even where one could be resumed. @default false */
  readonly restart?: boolean | undefined
}

export type ConfigChange = ScopeRef & SyncConfigChange
export type MatchResolution = MatchRef & Resolution
export type BulkMatchResolution = ConnectorRef & BulkResolution

/** What to forget: of the connector, of a type, or one resource, which needs its type. */
export interface CacheTarget extends ConnectorRef {
  readonly type?: string | undefined
  readonly externalId?: string | undefined
}

/** A webhook that was signed over these very bytes; the signature is in the headers of the call. */
export interface SignedWebhook extends ConnectorRef {
  readonly body: string | Uint8Array
}
