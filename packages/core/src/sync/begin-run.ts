import { SyncError } from '../errors.ts'
import type { Run, RunMode } from '../model/run.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import type { BeginDecision, NewRun, ScopeState } from '../ports/run-store.ts'
import { firstCheckpoint, zeroStats, zeroTimings } from './checkpoint.ts'
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
}

/** Decides, purely, whether a run may begin and where: refused, resumed, or as a new listing. */
export function decideBegin(state: ScopeState, plan: RunPlan): BeginDecision {
  const refusal = refuseBusy(state, plan.limits)
  if (refusal) return { kind: 'refuse', error: refusal }
  const abandonRunning = state.running !== undefined
  const previous = state.running ?? state.latest
  if (previous && !plan.restart && canResume(previous, state, plan)) {
    return { kind: 'start', abandonRunning, run: resume(previous, state, plan) }
  }
  const tooSoon = refuseTooSoon(state, plan.limits)
  if (tooSoon) return { kind: 'refuse', error: tooSoon }
  return { kind: 'start', abandonRunning, run: newListing(state, plan) }
}

/** Decides whether a guarded run's removals may be carried out now. */
export function decideApproval(
  state: ScopeState,
  plan: RunPlan & { readonly approves: Run; readonly approvedBy: string },
): BeginDecision {
  const refusal = refuseBusy(state, plan.limits)
  if (refusal) return { kind: 'refuse', error: refusal }
  const guarded = state.guarded
  if (guarded?.runId !== plan.approves.runId) {
    return {
      kind: 'refuse',
      error: new SyncError(
        'RUN_SUPERSEDED',
        `Run ${plan.approves.runId} was approved already or a later full run has begun; look at the newest run`,
        { details: { runId: plan.approves.runId } },
      ),
    }
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
    ageMs <= plan.limits.resumeWithinMs
  )
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
