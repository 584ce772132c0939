import { SyncError } from '../errors.ts'
import type { Run, RunMode } from '../model/run.ts'
import type { SchedulePlan } from '../model/schedule.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import type { BeginDecision, NewRun, ScopeState } from '../ports/run-store.ts'
import { firstCheckpoint, listingEnded, zeroStats, zeroTimings } from './checkpoint.ts'
import type { Limits } from './limits.ts'

/** What a run would like to be; the scope's state decides what it becomes. */
export interface RunPlan {
  readonly runId: string
  readonly config: SyncConfig
  readonly limits: Limits
  readonly rules: string
  readonly hashRecipe: string
  readonly mode?: RunMode | undefined
  readonly restart: boolean
  /** Begins only while this run is queued. */
  readonly queuedRunId?: string | undefined
  /** Begins only when the scope is due, with the plan answered; undefined says it is not. */
  readonly takePlan?: ((plan: SchedulePlan | undefined, now: Date) => SchedulePlan | undefined) | undefined
}

/** Decides, purely, whether a run may begin and where: refused, resumed, or as a new listing. */
export function decideBegin(state: ScopeState, plan: RunPlan): BeginDecision {
  const next = plan.takePlan?.(state.plan, state.now)
  const refusal = refuseUntimely(state, plan, next) ?? refuseBusy(state, plan.limits)
  if (refusal) return { kind: 'refuse', error: refusal }
  const begun = { kind: 'start', abandonRunning: state.running !== undefined, plan: next } as const
  const previous = state.running ?? state.latest
  if (previous && !plan.restart && canResume(previous, state, plan)) {
    return { ...begun, run: resume(previous, state, plan) }
  }
  const tooSoon = refuseTooSoon(state, plan.limits)
  if (tooSoon) return { kind: 'refuse', error: tooSoon }
  return { ...begun, run: newListing(state, plan) }
}

/** Decides whether a guarded run's removals may be carried out now. */
export function decideApproval(
  state: ScopeState,
  plan: RunPlan & { readonly approves: Run; readonly approvedBy: string },
): BeginDecision {
  const refusal = refuseCancelled(state, plan) ?? refuseBusy(state, plan.limits)
  if (refusal) return { kind: 'refuse', error: refusal }
  const guarded = state.guarded
  if (guarded?.runId !== plan.approves.runId) {
    return { kind: 'refuse', error: runSuperseded(plan.approves.runId) }
  }
  return {
    kind: 'start',
    abandonRunning: state.running !== undefined,
    run: {
      runId: plan.runId,
      mode: 'full',
      generation: guarded.generation,
      generationStartedAt: guarded.generationStartedAt,
      leaseMs: plan.limits.leaseMs,
      checkpoint: { ...guarded.checkpoint, phase: 'sweeping' },
      stats: zeroStats,
      timings: zeroTimings,
      approves: { runId: guarded.runId, by: plan.approvedBy },
      hashRecipe: plan.hashRecipe,
      forgetSeenBefore: guarded.generation,
    },
  }
}

export const runSuperseded = (runId: string): SyncError =>
  new SyncError(
    'RUN_SUPERSEDED',
    `Run ${runId} was approved already or a later full run has begun; look at the newest run`,
    { details: { runId } },
  )

/** Another process has done what was due, or nobody wants it any more. */
function refuseUntimely(
  state: ScopeState,
  plan: RunPlan,
  next: SchedulePlan | undefined,
): SyncError | undefined {
  const { takePlan, config } = plan
  if (takePlan && !next) {
    return new SyncError('RUN_NOT_DUE', `${config.resourceType} of ${config.connectorId} is not due`)
  }
  return refuseCancelled(state, plan)
}

function refuseCancelled({ queued }: ScopeState, { queuedRunId }: RunPlan): SyncError | undefined {
  if (queuedRunId !== undefined && queued?.runId !== queuedRunId) {
    return new SyncError('RUN_CANCELLED', `Run ${queuedRunId} no longer waits to begin`)
  }
  return undefined
}

function refuseBusy(state: ScopeState, limits: Limits): SyncError | undefined {
  const { running, now } = state
  if (running && running.leaseExpiresAt > now) {
    return new SyncError(
      'SYNC_ALREADY_RUNNING',
      `Run ${running.runId} is syncing ${running.resourceType} of ${running.connectorId}; wait for it or cancel it`,
      { details: { runId: running.runId } },
    )
  }
  if (state.tenantRunning >= limits.maxConcurrentPerTenant) {
    return new SyncError(
      'TENANT_LIMIT_REACHED',
      `The tenant already has ${state.tenantRunning} runs going, its limit; try again when one ends`,
      { details: { limit: limits.maxConcurrentPerTenant } },
    )
  }
  return undefined
}

function refuseTooSoon(state: ScopeState, limits: Limits): SyncError | undefined {
  if (!state.lastStartedAt) return undefined
  const waitMs = state.lastStartedAt.getTime() + limits.minIntervalMs - state.now.getTime()
  if (waitMs <= 0) return undefined
  return new SyncError(
    'MIN_INTERVAL_NOT_REACHED',
    `The last run began ${new Date(state.lastStartedAt).toISOString()}; the next may begin in ${waitMs} ms`,
    { retryAfterMs: waitMs, details: { retryAfterMs: waitMs } },
  )
}

function canResume(previous: Run, state: ScopeState, plan: RunPlan): boolean {
  // A run still marked running lost its process: its last checkpoint is as good as any.
  const leftOff = previous.status === 'running' || previous.resumable
  const { checkpoint } = previous
  const ageMs = state.now.getTime() - previous.generationStartedAt.getTime()
  return (
    leftOff &&
    checkpoint.version === 1 &&
    checkpoint.phase !== 'done' &&
    checkpoint.rules === plan.rules &&
    (plan.mode === undefined || modeOf(plan) === previous.mode) &&
    ageMs <= plan.limits.resumeWithinMs &&
    !marksByOldFacts(previous, state.now, plan.limits)
  )
}

/**
 * A full listing that was read to its end marks stale without another request. It is resumed by the next process
 * that looks for dead runs, within one lease and one poll; later than that, upstream may have the resources again.
 */
function marksByOldFacts(previous: Run, now: Date, limits: Limits): boolean {
  const { mode, checkpoint, status, finishedAt, leaseExpiresAt } = previous
  if (mode !== 'full' || (checkpoint.phase !== 'sweeping' && !listingEnded(checkpoint))) return false
  const stoppedAt = status === 'running' ? leaseExpiresAt : (finishedAt ?? leaseExpiresAt)
  return now.getTime() - stoppedAt.getTime() > limits.leaseMs + limits.recoveryPollMs
}

function resume(previous: Run, state: ScopeState, plan: RunPlan): NewRun {
  return {
    runId: plan.runId,
    mode: previous.mode,
    generation: previous.generation,
    generationStartedAt: previous.generationStartedAt,
    leaseMs: plan.limits.leaseMs,
    checkpoint: previous.checkpoint,
    stats: previous.stats,
    timings: previous.timings,
    totalEstimate: previous.totalEstimate,
    resumedFrom: previous.runId,
    hashRecipe: plan.hashRecipe,
    forgetSeenBefore: forgetBefore(previous.mode, previous.generation, state),
  }
}

/** Without a watermark there is nothing to be incremental to: the first run is full, whatever was asked for. */
function modeOf({ mode, config }: RunPlan): RunMode {
  const wanted = mode ?? config.strategy
  return wanted === 'incremental' && config.watermark !== undefined ? 'incremental' : 'full'
}

function newListing(state: ScopeState, plan: RunPlan): NewRun {
  const { watermark } = plan.config
  const mode = modeOf(plan)
  const generation = state.generation + 1
  const modifiedSince =
    mode === 'incremental' && watermark !== undefined
      ? new Date(Date.parse(watermark) - plan.limits.overlapMs).toISOString()
      : undefined
  return {
    runId: plan.runId,
    mode,
    generation,
    leaseMs: plan.limits.leaseMs,
    checkpoint: firstCheckpoint({
      modifiedSince,
      // Store time before the first request; the overlap covers clocks that disagree and late commits upstream.
      nextWatermark: state.now.toISOString(),
      rules: plan.rules,
    }),
    stats: zeroStats,
    timings: zeroTimings,
    hashRecipe: plan.hashRecipe,
    forgetSeenBefore: forgetBefore(mode, generation, state),
  }
}

/** While a guarded run waits for approval, what incremental runs see since must be remembered: it may not go stale. */
function forgetBefore(mode: RunMode, generation: number, state: ScopeState): number {
  return mode === 'incremental' && state.guarded ? state.guarded.generation : generation
}
