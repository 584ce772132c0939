import type { MatchDecision } from '../matching/decide-matches.ts'
import type { SyncEvent } from '../model/event.ts'
import type { PostSyncRun } from '../model/post-sync-run.ts'
import type { RunError } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { PeopleContext } from './people-context.ts'

/** Positions of the change log for which no workflow job can be made any more. */
interface LostChanges {
  /** First position that was pruned before its job was made. */
  readonly from: number
  /** Last such position; jobs continue after it. */
  readonly to: number
}

/** Emits the events of one post-sync and writes its log lines. */
export interface PostSyncAnnouncer {
  started(run: PostSyncRun): void
  /** Announces the links that these decisions, which are stored, have ended. */
  decided(decisions: readonly MatchDecision[]): void
  changesLost(lost: LostChanges): void
  /** Announces a run that is stored as ended, and returns it. */
  ended(run: PostSyncRun): PostSyncRun
  /** Announces a run whose end could not be stored. */
  interrupted(error: RunError): void
}

const idsLogged = 10

/** @param runId of the post-sync */
export function announcerOf(
  { tenantId, emit, logger, clock }: Pick<PeopleContext, 'tenantId' | 'emit' | 'logger' | 'clock'>,
  { connectorId, resourceType }: Scope,
  runId: string,
): PostSyncAnnouncer {
  const scope = { tenantId, connectorId, resourceType, runId }
  const announce = (event: PostSyncEvent): void => emit({ ...scope, ...event, at: clock.now() })
  const lost = { count: 0, ids: new Array<string>() }
  const logLost = (): void => {
    if (lost.count === 0) return
    logger.warn(
      { ...scope, links: lost.count, externalIds: lost.ids },
      'links between resources and users lost',
    )
  }
  return {
    started({ attempt, planId }) {
      announce({ kind: 'post_sync.started', attempt, planId })
      logger.debug({ ...scope, attempt, planId }, 'post-sync started')
    },
    decided(decisions) {
      for (const link of decisions.flatMap(lostLink)) {
        announce({ kind: 'match.link_lost', ...link })
        lost.count += 1
        if (lost.ids.length < idsLogged) lost.ids.push(link.externalId)
      }
    },
    changesLost({ from, to }) {
      announce({ kind: 'post_sync.changes_lost', from, to, count: to - from + 1 })
      logger.warn({ ...scope, from, to }, 'changes were pruned before workflow jobs were made for them')
    },
    ended(run) {
      logLost()
      const { status, stats, guard, error, attempt, retryAt } = run
      if (status === 'running') return run
      announce({ kind: 'post_sync.finished', status, stats, guard, error })
      if (status === 'success') logger.info({ ...scope, stats }, 'post-sync finished')
      if (status === 'guarded' && guard) {
        announce({ kind: 'post_sync.guarded', guard })
        logger.warn({ ...scope, guard }, 'post-sync guarded: deactivations wait for approval')
      }
      if (status === 'error' && error) {
        announce({ kind: 'post_sync.failed', error, attempt, retryAt })
        logger.warn({ ...scope, code: error.code, attempt, retryAt }, 'post-sync ended with an error')
      }
      return run
    },
    interrupted(error) {
      logLost()
      announce({ kind: 'post_sync.failed', error })
      logger.warn({ ...scope, code: error.code }, 'post-sync was interrupted')
    },
  }
}

type WithoutScope<Event> = Event extends SyncEvent
  ? Omit<Event, 'tenantId' | keyof Scope | 'runId' | 'at'>
  : never
type PostSyncEvent = WithoutScope<
  Extract<SyncEvent, { readonly kind: `post_sync.${string}` | 'match.link_lost' }>
>

/** The link that a decision ends; a link that moves to another user is lost too. */
function lostLink({ previous, write }: MatchDecision) {
  if (!write || previous?.userId === undefined || previous.userId === write.userId) return []
  const { externalId, matchStatus, userId: newUserId } = write
  return { externalId, userId: previous.userId, matchStatus, ...(newUserId !== undefined && { newUserId }) }
}
