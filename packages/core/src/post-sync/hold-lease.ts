import { SyncError } from '../errors.ts'
import type { PostSyncLease } from '../ports/people-store.ts'
import type { PeopleHost } from './people-context.ts'

/** Keeps the lease of a post-sync alive. */
export interface HeldLease {
  readonly lease: PostSyncLease
  /** @throws LEASE_LOST when another one took over, STOPPED when the host stops */
  readonly checkpoint: () => void
  readonly release: () => void
}

const renewalsPerLease = 3

export function holdPostSync(
  context: Pick<PeopleHost, 'clock' | 'people' | 'logger' | 'stopping'>,
  lease: PostSyncLease,
): HeldLease {
  const { clock, people, logger, stopping } = context
  let state: 'held' | 'lost' | 'released' = 'held'
  let disarm = (): void => undefined
  const renew = async (): Promise<void> => {
    try {
      if (!(await people.renew(lease)) && state === 'held') state = 'lost'
    } catch (error) {
      // The fence in every commit keeps one that cannot renew from doing harm; the next renewal may succeed.
      logger.warn({ runId: lease.runId, error }, 'lease of a post-sync could not be renewed')
    }
    if (state === 'held') arm()
  }
  const arm = (): void => {
    disarm = clock.after(Math.ceil(lease.leaseMs / renewalsPerLease), () => void renew())
  }
  arm()
  return {
    lease,
    checkpoint() {
      if (stopping.aborted) throw stopping.reason
      if (state === 'lost') {
        throw new SyncError('LEASE_LOST', `Another post-sync took over from ${lease.runId}`, {
          details: { runId: lease.runId },
        })
      }
    },
    release() {
      state = 'released'
      disarm()
    },
  }
}
