import type { JsonValue } from './json.ts'
import type { MatchStrategy } from './match.ts'
import type { RunMode } from './run.ts'

/** Which records are kept; every rule given must hold. */
export interface FilterRules {
  /** `*` and `?`, whatever the case, on the display name. */
  readonly groupNamePattern?: string | undefined
  /** External ids. */
  readonly groupIds?: readonly string[] | undefined
  readonly emailDomains?: readonly string[] | undefined
  readonly memberOfSyncedGroups?: boolean | undefined
  readonly maxRecords?: number | undefined
}

/** One rule that copies a value of a resource into a profile. */
export interface AttributeMapping {
  readonly sourcePath: string
  readonly targetField: string
  readonly writeMode: 'overwrite_always' | 'overwrite_if_empty' | 'never_overwrite'
  readonly transform?: string | null | undefined
  readonly enabled?: boolean | undefined
  readonly clearWhenAbsent?: boolean | undefined
}

/** Settings of one resource type, as they are said and answered. */
export interface SyncSettings {
  /** Whether its schedule runs it. On create: false. */
  readonly enabled: boolean
  /** On create: full. */
  readonly strategy: RunMode
  /** Five fields, in UTC or `cronTimeZone`. On create: null. */
  readonly cronSchedule: string | null
  /** IANA name. On create: null, UTC. */
  readonly cronTimeZone: string | null
  /** On create: null, everything is kept. */
  readonly filterRules: FilterRules | null
  /** How long a stale resource is kept: `<n>(m|h|d|w)`. On create: 7d. */
  readonly staleRetention: string
  /** On create: null. */
  readonly attributeMappings: readonly AttributeMapping[] | null
  /** Tried first. On create: email. */
  readonly userMatchStrategy: MatchStrategy
  /** Tried in order after the primary. On create: null. */
  readonly userMatchFallbackStrategies: readonly MatchStrategy[] | null
  /** For `email_and_issuer`. On create: null, which reads `attributes.identityIssuer`. */
  readonly issuerSourcePath: string | null
  /** On create: null. */
  readonly postSyncWorkflowId: string | null
  /** On create: none. */
  readonly syncTriggerMode: 'none' | 'per_record' | 'summary'
  /** On create: false. */
  readonly createUsers: boolean
  /** On create: false. */
  readonly deactivateUsers: boolean
  /** Profile fields of users that are created. On create: null. */
  readonly createUserDefaults: Readonly<Record<string, JsonValue>> | null
  /** null switches it off. On create: 10 users or 20 %. */
  readonly deactivationGuard: {
    readonly minUsers: number
    readonly percent: number
    readonly maxUsers?: number | undefined
  } | null
  /** Paths that do not count as a change. On create: none. */
  readonly volatilePaths: readonly string[]
  /** Records asked for per page. On create: 500. */
  readonly pageSize: number
  /** null switches it off. On create: 10 rows or 20 %. */
  readonly removalGuard: { readonly minRows: number; readonly percent: number } | null
}

/** Settings to create or change: a field that is left out keeps its value, or gets its default on create. */
export type SyncConfigChange = { readonly [Field in keyof SyncSettings]?: SyncSettings[Field] | undefined }

/** A sync config as it is answered. */
export interface SyncConfig extends SyncSettings {
  readonly connectorId: string
  readonly resourceType: string
  readonly createdAt: string
  readonly updatedAt: string
}

/** A sync config, and what an edit that was decided on it is bound to. */
export interface TaggedSyncConfig {
  readonly config: SyncConfig
  /** Changes with every change of the settings; for `ifMatch`. */
  readonly etag: string
}

export interface SavedSyncConfig extends TaggedSyncConfig {
  /** There were no settings before. */
  readonly created: boolean
}
