import type { CredentialId } from './credential.ts'
import type { GuardVerdict, RunError, RunMode, RunStatus, SyncStats } from './run.ts'
import type { Scope } from './scope.ts'

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
  | (CredentialId & {
      readonly kind: 'credential.reauth_required'
      /** rejected: upstream refused it for good · unfinished: processes died again and again while they refreshed it */
      readonly reason: 'rejected' | 'unfinished'
      readonly at: Date
    })
