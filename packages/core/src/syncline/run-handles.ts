import type { Run } from '../model/run.ts'
import type { RunFilter, RunOwner, RunQuery } from '../ports/run-store.ts'
import type { Paged, PageRequest } from './paged.ts'

export interface WatchOptions extends RunOwner {
  /** Ends the watching, not the run. */
  readonly signal?: AbortSignal | undefined
  /** Answers the run also when nothing has changed for so long: for whoever must show a sign of life. @default never */
  readonly remindMs?: number | undefined
}

/** That a guarded run's removals are wanted. */
export interface RunApproval extends RunOwner {
  readonly runId: string
  /** Id of the operator. */
  readonly approvedBy: string
}

/** History of runs, and what operators do about them. */
export interface RunsHandle {
  get(runId: string, owner?: RunOwner): Promise<Run | undefined>
  /** Newest first. @default limit 20 */
  list(query?: Partial<RunQuery>): Promise<readonly Run[]>
  /** The same in numbered pages. */
  paged(query: RunFilter & PageRequest): Promise<Paged<Run>>
  /** Resolves with a run once it has ended, in whichever process. @throws RUN_NOT_FOUND, the signal's reason */
  wait(runId: string, options?: Omit<WatchOptions, 'remindMs'>): Promise<Run>
  /**
   * A run as it stands, and again whenever it has changed, in whichever process; the last one has ended. Who reads
   * slowly gets the newest state next, not every one between. @throws RUN_NOT_FOUND, the signal's reason
   */
  watch(runId: string, options?: WatchOptions): AsyncIterable<Run>
  /** Asks a running run to stop; a queued one is cancelled at once. False when it is neither. */
  cancel(runId: string, owner?: RunOwner): Promise<boolean>
  /**
   * Carries out the removals a guarded run refused, exactly those, once. Resolves with the run that did it.
   * @throws RUN_NOT_FOUND, RUN_NOT_GUARDED, RUN_SUPERSEDED when a later full run has begun
   */
  approve(request: RunApproval): Promise<Run>
  /**
   * Queues that and answers the queued run at once; some process must be `start`ed to carry it out. A run that is
   * superseded when it would begin ends as `error`. With the `approvalId` of a run that there is, answers that run.
   * @throws RUN_NOT_FOUND, RUN_NOT_GUARDED, RUN_SUPERSEDED, SYNC_ALREADY_RUNNING (with `details.runId`)
   */
  queueApproval(request: RunApproval & { readonly approvalId?: string | undefined }): Promise<Run>
}
