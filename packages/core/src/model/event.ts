import type { CredentialId } from './credential.ts'
import type { QuarantineReason } from './quarantine.ts'
import type { GuardVerdict, RunError, RunMode, RunStatus, SyncStats } from './run.ts'
import type { Scope } from './scope.ts'
import type { WebhookAction, WebhookOutcomeStatus } from './webhook.ts'

interface RunEvent extends Scope {
  readonly tenantId: string
  readonly runId: string
  readonly at: Date
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
