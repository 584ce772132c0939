import type { PostSyncSettings } from './post-sync-settings.ts'
import type { Scope } from './scope.ts'

/** Which upstream records are kept; every rule given must hold. */
export interface FilterRules {
  /** Glob on the display name: `*` any characters, `?` one; case-insensitive. */
  readonly groupNamePattern?: string | undefined
  /** Only these external ids. */
  readonly groupIds?: readonly string[] | undefined
  /** Only e-mail addresses of exactly these domains; case-insensitive. */
  readonly emailDomains?: readonly string[] | undefined
  /** Only users that belong to a live synced group of the same connector. */
  readonly memberOfSyncedGroups?: boolean | undefined
  /** Stop after this many kept records; such a run is not complete and marks nothing stale. */
  readonly maxRecords?: number | undefined
}

/** When a full run refuses to mark stale: more than max(`minRows`, `percent` of the live rows) would go. */
export interface RemovalGuard {
  readonly minRows: number
  readonly percent: number
}

/** Settings of one (connector, resource type). */
export interface SyncConfig extends Scope, PostSyncSettings {
  /** Whether schedules run it; a manual trigger always may. */
  readonly enabled: boolean
  readonly strategy: 'full' | 'incremental'
  /** Cron, five fields: minute, hour, day of month, month, day of week. */
  readonly cronSchedule?: string | undefined
  /** IANA name of the zone the schedule is read in, such as `Europe/Berlin`. @default UTC */
  readonly cronTimeZone?: string | undefined
  readonly filterRules?: FilterRules | undefined
  /** `<n>(m|h|d|w)`: how long a stale resource is kept. */
  readonly staleRetention: string
  /**
   * Dot paths such as `attributes.lastLogin` that do not count as a change. A name that holds a dot may be written in
   * brackets: `attributes.extensions["urn:example:2.0:User"].lastLogin`.
   */
  readonly volatilePaths: readonly string[]
  /** Records asked for per page. */
  readonly pageSize: number
  /** `null` switches the guard off. */
  readonly removalGuard: RemovalGuard | null
  /** ISO instant: where the next incremental run starts; absent until a complete run. */
  readonly watermark?: string | undefined
  /** When a worker will run it next: a tick of its schedule or a retry. Absent while it has no schedule. */
  readonly nextRunAt?: Date | undefined
  /** Another with every change of the settings, and never the same again: what an edit was decided on. */
  readonly revision: string
  readonly createdAt: Date
  readonly updatedAt: Date
}
