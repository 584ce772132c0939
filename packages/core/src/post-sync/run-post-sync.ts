import { isSyncError, SyncError } from '../errors.ts'
import { recoverActions } from '../lifecycle/recover-actions.ts'
import type { PostSyncPlan } from '../model/post-sync-plan.ts'
import type { DeactivationVerdict, PostSyncRun } from '../model/post-sync-run.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { RunError } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { FinishPostSync, PostSyncLease } from '../ports/people-store.ts'
import { announcerOf, type PostSyncAnnouncer } from './announce-post-sync.ts'
import { bindTenant } from './bind-tenant.ts'
import { boundEffects } from './bound-effects.ts'
import { carryOut } from './carry-out.ts'
import { directEffects } from './direct-effects.ts'
import { type HeldLease, holdPostSync } from './hold-lease.ts'
import { compileFirstProfile } from './map-profiles.ts'
import type { PeopleContext, PeopleHost } from './people-context.ts'
import { storedView } from './people-view.ts'
import { outdated, tenantChanged } from './plan-differences.ts'
import { summaryJobs, triggerPerRecord } from './trigger-workflow.ts'
import { createTally, type PeopleEffects, type Tally } from './work.ts'

/** What a post-sync is to do. */
export interface PostSyncJob {
  readonly scope: Scope
  readonly settings: PostSyncSettings
  /** Carry out exactly this; absent: decide as it goes. */
  readonly plan?: PostSyncPlan | undefined
  /** Who approved the plan's deactivations although the guard tripped. */
  readonly approvedBy?: string | undefined
  /** Called under the lease when a dead process left something: what was planned may not hold any more. */
  readonly verify?: (() => Promise<void>) | undefined
}

/**
 * Runs a post-sync from start to end and resolves with its run, whatever its status.
 * @throws POST_SYNC_ALREADY_RUNNING, CONNECTOR_NOT_FOUND; and what the store throws when not even the end of the run
 * can be written: its lease runs out, and another one goes on
 */
export async function runPostSync(host: PeopleHost, job: PostSyncJob): Promise<PostSyncRun> {
  const { connectorId, resourceType } = job.scope
  const scope = { connectorId, resourceType }
  const runId = host.createId()
  const begun = await host.people.begin({
    scope,
    runId,
    planId: job.plan?.planId,
    leaseMs: host.leaseMs,
  })
  if (begun.kind === 'running') {
    throw new SyncError('POST_SYNC_ALREADY_RUNNING', `Post-sync ${begun.runId} of this scope is running`, {
      details: { runId: begun.runId },
    })
  }
  const { run, triggeredTo, tenantId } = begun
  const context = bindTenant(host, tenantId)
  const lease: PostSyncLease = { ...scope, runId, fencingToken: run.fencingToken, leaseMs: context.leaseMs }
  const held = holdPostSync(context, lease)
  const tally = createTally()
  const announcer = announcerOf(context, scope, runId)
  announcer.started(run)
  try {
    return announcer.ended(await followToEnd(context, { job, run, held, tally, triggeredTo, announcer }))
  } catch (error) {
    announcer.interrupted(runErrorOf(error))
    throw error
  } finally {
    held.release()
  }
}

interface PostSyncExecution {
  readonly job: PostSyncJob
  readonly run: PostSyncRun
  readonly held: HeldLease
  readonly tally: Tally
  readonly triggeredTo: number
  readonly announcer: PostSyncAnnouncer
}

/** Executes the steps and stores how they ended. */
async function followToEnd(context: PeopleContext, execution: PostSyncExecution): Promise<PostSyncRun> {
  const { job, run, held, tally } = execution
  const { connectorId, resourceType, runId } = run
  try {
    return await context.people.finish(await follow(context, execution))
  } catch (error) {
    if (isSyncError(error, 'LEASE_LOST')) throw error
    context.logger.warn({ connectorId, resourceType, runId, error }, 'post-sync failed')
    return context.people.finish({
      lease: held.lease,
      status: 'error',
      stats: tally.stats,
      error: runErrorOf(error),
      retryAfterMs: job.plan ? undefined : retryAfterMs(run.attempt),
      jobs: [],
    })
  }
}

async function follow(context: PeopleContext, execution: PostSyncExecution): Promise<FinishPostSync> {
  const { job, run, held, tally, triggeredTo, announcer } = execution
  const { settings, plan, approvedBy } = job
  const { lease, checkpoint } = held
  const scope = { connectorId: run.connectorId, resourceType: run.resourceType }
  if (plan && plan.tenantId !== context.tenantId) throw outdated(plan, [tenantChanged])
  if ((await recoverActions(context, lease)) > 0) await job.verify?.()
  const firstProfile = compileFirstProfile(scope, settings)
  const direct = directEffects({
    context,
    settings,
    lease,
    tally,
    firstProfile,
    by: approvedBy ?? 'post-sync',
    ignoresGuard: approvedBy !== undefined,
    checkpoint,
  })
  const guard = await carryOut(context, {
    scope,
    settings,
    view: storedView(context, scope),
    effects: announcing(plan ? boundEffects(direct, plan, firstProfile) : direct, announcer),
    tally,
    firstProfile,
    linkedUsers: await context.people.linkedUsers(scope),
    checkpoint,
  })
  await triggerPerRecord(context, { run, lease, settings, tally, triggeredTo, checkpoint, announcer })
  for (const rule of tally.skippedRules.values())
    context.logger.warn({ ...scope, ...rule }, 'mapping rule skipped')
  const jobs = summaryJobs(context, { run, settings, stats: tally.stats })
  tally.stats.jobs += jobs.length
  const isGuarded = guard.tripped && approvedBy === undefined
  return {
    lease,
    status: isGuarded ? 'guarded' : 'success',
    stats: tally.stats,
    guard,
    ...(isGuarded && { error: guardedError(guard) }),
    jobs,
  }
}

/** The effects, which announce the links that they end once that is stored. */
const announcing = (effects: PeopleEffects, announcer: PostSyncAnnouncer): PeopleEffects => ({
  ...effects,
  async matches(decisions) {
    const isWritten = await effects.matches(decisions)
    if (isWritten) announcer.decided(decisions)
    return isWritten
  },
})

const guardedError = ({ candidates, linked, limit }: DeactivationVerdict): RunError => ({
  code: 'DEACTIVATION_GUARDED',
  message: `${candidates} of ${linked} linked users would be deactivated, and at most ${limit} may be unasked; apply a plan with approvedBy, or mend upstream`,
})

const runErrorOf = (error: unknown): NonNullable<FinishPostSync['error']> => {
  if (isSyncError(error)) return { code: error.code, message: error.message, details: error.details }
  return {
    code: 'INTERNAL',
    message: `Unexpected: ${error instanceof Error ? error.message : String(error)}`,
  }
}

const firstRetryMs = 30_000
const lastRetryMs = 3_600_000

/** Twice as long with every failure in a row, an hour at most. */
const retryAfterMs = (attempt: number): number =>
  Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(attempt - 1, 20))
