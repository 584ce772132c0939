import type { CredentialId } from './credential.ts'
import type { MatchStatus } from './match.ts'
import type { DeactivationVerdict, PostSyncRun, PostSyncStats } from './post-sync-run.ts'
import type { QuarantineReason } from './quarantine.ts'
import type { GuardVerdict, RunError, RunMode, RunStatus, SyncStats } from './run.ts'
import type { Scope } from './scope.ts'
import type { WebhookAction, WebhookOutcomeStatus } from './webhook.ts'

interface RunEvent extends Scope {
  readonly tenantId: string
  readonly runId: string
  readonly at: Date
}

interface PostSyncEvent extends RunEvent {
  readonly tenantId: string
}

/** Everything the library announces while it works. */
export type SyncEvent =
  | (RunEvent & {
      readonly kind: 'run.started'
      readonly mode: RunMode
      readonly generation: number
      readonly resumedFrom?: string | undefined
    })
  | (RunEvent & {
      readonly kind: 'run.progress'
      readonly pages: number
      readonly records: number
      /** Upstream's own estimate of all records, when it gives one. */
      readonly totalEstimate?: number | undefined
      /** Records a second since this execution began. */
      readonly recordsPerSecond: number
      readonly stats: SyncStats
    })
  | (RunEvent & {
      readonly kind: 'run.retrying'
      readonly attempt: number
      readonly waitMs: number
      readonly error: RunError
    })
  | (RunEvent & { readonly kind: 'run.guarded'; readonly guard: GuardVerdict })
  | (RunEvent & {
      readonly kind: 'run.finished'
      readonly status: RunStatus
      readonly stats: SyncStats
      readonly error?: RunError | undefined
    })
  | (RunEvent & {
      /** A run met records that cannot be kept; sent once, before it ends. */
      readonly kind: 'quarantine.added'
      readonly count: number
      readonly reasons: Readonly<Partial<Record<QuarantineReason, number>>>
      /** External ids of up to five of them, as far as they could be read. */
      readonly examples: readonly string[]
    })
  | (Scope & {
      /** A person should look: runs failed again and again, never came to their end, or one that was due was refused. */
      readonly kind: 'sync.failing'
      readonly tenantId: string
      /** Runs in a row that failed or were cut at a limit; 0 when the run was refused. */
      readonly failures: number
      readonly runId?: string | undefined
      readonly error: RunError
      readonly at: Date
    })
  | {
      /** A connector was handed to another tenant. */
      readonly kind: 'connector.moved'
      readonly connectorId: string
      /** Its owner from now on. */
      readonly tenantId: string
      readonly formerTenantId: string
      readonly at: Date
    }
  | (CredentialId & {
      readonly kind: 'credential.reauth_required'
      /** rejected: upstream refused it for good · unfinished: processes died again and again while they refreshed it */
      readonly reason: 'rejected' | 'unfinished'
      readonly at: Date
    })
  | {
      /** A verified webhook was taken in, once more where its status is `repeated`. */
      readonly kind: 'webhook.received'
      readonly connectorId: string
      readonly tenantId: string
      readonly messageId: string
      readonly status: WebhookOutcomeStatus
      readonly action?: WebhookAction | undefined
      readonly resourceType?: string | undefined
      /** Of the resource. */
      readonly externalId?: string | undefined
      readonly at: Date
    }
  | {
      /** A webhook was turned away; nothing of it was kept. */
      readonly kind: 'webhook.refused'
      /** As the request had it, at most 64 characters: there may be no such connector. */
      readonly connectorId: string
      /** Absent where the connector was not found or not looked for. */
      readonly tenantId?: string | undefined
      readonly code: string
      /** More than the sender is told. */
      readonly reason: string
      readonly at: Date
    }
  | {
      /** Somebody changed what a connector's webhooks are verified with. */
      readonly kind: 'webhook.secret_changed'
      readonly connectorId: string
      readonly tenantId: string
      readonly change: 'set' | 'removed'
      readonly previousUntil?: Date | undefined
      readonly at: Date
    }
  | (PostSyncEvent & {
      readonly kind: 'post_sync.started'
      /** Failures in a row before this one, plus one. */
      readonly attempt: number
      readonly planId?: string | undefined
    })
  | (PostSyncEvent & {
      /** A post-sync ended, whatever its status. */
      readonly kind: 'post_sync.finished'
      readonly status: Exclude<PostSyncRun['status'], 'running'>
      readonly stats: PostSyncStats
      readonly guard?: DeactivationVerdict | undefined
      readonly error?: RunError | undefined
    })
  | (PostSyncEvent & {
      /** The deactivation guard tripped: no user was deactivated, and an operator must approve a plan. */
      readonly kind: 'post_sync.guarded'
      readonly guard: DeactivationVerdict
    })
  | (PostSyncEvent & {
      /** A post-sync ended with an error, or its end could not be stored. */
      readonly kind: 'post_sync.failed'
      readonly error: RunError
      readonly attempt?: number | undefined
      /** Time of the next attempt; absent for a plan, and when another process continues. */
      readonly retryAt?: Date | undefined
    })
  | (PostSyncEvent & {
      /** Changes were pruned before `per_record` jobs were made for them. Jobs continue after `to`. */
      readonly kind: 'post_sync.changes_lost'
      /** First lost position of the change log. */
      readonly from: number
      /** Last lost position. */
      readonly to: number
      readonly count: number
    })
  | (PostSyncEvent & {
      /** Post-sync ended the link between a resource and a user, or moved it to another user. */
      readonly kind: 'match.link_lost'
      readonly externalId: string
      /** User of the ended link. */
      readonly userId: string
      /** Status of the match row since. */
      readonly matchStatus: MatchStatus
      /** User of the link that replaces it. */
      readonly newUserId?: string | undefined
    })
