import type { Checkpoint, Run, SyncStats } from '../model/run.ts'
import type { QuarantineTally } from './quarantine-tally.ts'
import type { RunJob } from './run-job.ts'
import type { RunLease } from './run-lease.ts'
import type { StageClock } from './stage-clock.ts'

/** A run under way in this process. */
export interface Execution {
  readonly job: RunJob
  readonly run: Run
  readonly held: RunLease
  readonly stages: StageClock
  /** Process time at which this execution began. */
  readonly beganAt: Date
  /** The last committed position. */
  checkpoint: Checkpoint
  /** The last committed counters. */
  stats: SyncStats
  totalEstimate: number | undefined
  /** What this execution put into quarantine. */
  readonly quarantined: QuarantineTally
  /** Pages committed by this execution; without one, a failed resume is not tried from the same place again. */
  pagesCommitted: number
}
