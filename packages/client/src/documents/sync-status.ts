import type { RunProgress, RunStatus } from './run.ts'
import type { SyncStats } from './sync-stats.ts'

/** How a resource type stands, without its configuration. */
export interface SyncStatus {
  readonly connectorId: string
  readonly resourceType: string
  readonly lastSyncStatus: 'idle' | 'running' | 'success' | 'error'
  /** When the last run ended; null while none has. */
  readonly lastSyncAt: string | null
  readonly lastSyncError: string | null
  /** Of the last run that ended. */
  readonly lastSyncStats: SyncStats | null
  /** The latest run. */
  readonly runId: string | null
  readonly runStatus: RunStatus | null
  readonly progress: RunProgress | null
  /** Where the next incremental run starts. */
  readonly watermark: string | null
  /** When it runs next by itself. */
  readonly nextRunAt: string | null
  /** How the connector's credential stands; never what it is. */
  readonly credential: 'active' | 'reauth_required' | 'missing' | 'unreadable' | null
  /** The latest post-sync; null while there was none. */
  readonly postSync: PostSyncStatus | null
}

/** The latest post-sync of a resource type. */
export interface PostSyncStatus {
  readonly runId: string
  readonly status: 'running' | 'success' | 'guarded' | 'error'
  /** When it ended, or when it started while it runs. */
  readonly at: string
  /** When a failed one is tried again. */
  readonly retryAt: string | null
  readonly error: { readonly code: string; readonly message: string } | null
  /** What the deactivation guard found. */
  readonly guard: {
    readonly linked: number
    readonly candidates: number
    readonly limit: number
    readonly tripped: boolean
  } | null
  /** Live resources that lost the link to their user. */
  readonly linksLost: number
  /** What only an operator can do. */
  readonly awaitsOperator: readonly ('approve_deactivations' | 'resolve_links')[]
}
