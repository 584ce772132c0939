import { SyncError } from '../errors.ts'
import type { Lease } from '../ports/run-store.ts'
import type { EngineContext } from './engine-context.ts'

/** Keeps a run's lease alive and turns what the store says into the end of the run. */
export interface RunLease {
  readonly lease: Lease
  /** Aborts with the reason the run has to end: cancelled, timed out, stopped, or the lease is gone. */
  readonly signal: AbortSignal
  /** Every page and batch brings this answer along: nobody has to poll for it. */
  noteCancel(cancelRequested: boolean): void
  release(): void
}

/** How often the lease is renewed within its length, so that one lost renewal does not lose the lease. */
const renewalsPerLease = 3

export function holdLease(engine: EngineContext, lease: Lease, ending: AbortController): RunLease {
  const { clock, limits, store } = engine
  let disarmRenewal = (): void => {}
  let released = false

  const end = (error: SyncError): void => ending.abort(error)
  const noteCancel = (cancelRequested: boolean): void => {
    if (cancelRequested) end(new SyncError('RUN_CANCELLED', `Run ${lease.runId} was cancelled`))
  }
  const renew = async (): Promise<void> => {
    try {
      const { held, cancelRequested } = await store.runs.renew(lease)
      if (!held && !released) end(leaseLost(lease))
      noteCancel(cancelRequested)
    } catch (error) {
      // The fence in every write keeps a run that cannot renew from doing harm; the next renewal may succeed.
      engine.logger.warn({ runId: lease.runId, error }, 'lease could not be renewed')
    }
    if (!released) arm()
  }
  const arm = (): void => {
    disarmRenewal = clock.after(Math.ceil(lease.leaseMs / renewalsPerLease), () => void renew())
  }
  arm()
  const disarmTimeout = clock.after(limits.runTimeoutMs, () =>
    end(new SyncError('RUN_TIMEOUT', `Run ${lease.runId} took longer than ${limits.runTimeoutMs} ms`)),
  )

  return {
    lease,
    signal: ending.signal,
    noteCancel,
    release() {
      released = true
      disarmRenewal()
      disarmTimeout()
    },
  }
}

export const leaseLost = (lease: Lease): SyncError =>
  new SyncError('LEASE_LOST', `Another run took over ${lease.resourceType} of ${lease.connectorId}`, {
    details: { runId: lease.runId },
  })
