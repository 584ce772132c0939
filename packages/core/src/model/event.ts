import type { CredentialId } from './credential.ts'
import type { GuardVerdict, RunError, RunMode, RunStatus, SyncStats } from './run.ts'
import type { Scope } from './scope.ts'
import type { WebhookAction, WebhookOutcomeStatus } from './webhook.ts'

interface RunEvent extends Scope {
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
  | (Scope & {
      /** A person should look: runs failed again and again, or a run that was due was refused. */
      readonly kind: 'sync.failing'
      /** Failed runs in a row; 0 when the run was refused. */
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
