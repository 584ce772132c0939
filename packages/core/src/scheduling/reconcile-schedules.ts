import { canonicalJson } from '../hashing/canonical-json.ts'
import type { ScheduledScope } from '../model/schedule.ts'
import type { Queue, Schedule } from '../ports/queue.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import { retentionJob, retentionScheduleId, runJob, scopeJob, scopeJobId, scopePrefix } from './job-names.ts'
import { dueAt } from './next-plan.ts'
import { planScopes } from './plan-scopes.ts'
import { tenantTurns } from './tenant-turns.ts'

const retentionEveryMs = 3_600_000
/** Runs waiting to begin that one look brings back into the queue. */
const mostQueuedRuns = 1_000

/**
 * Makes the queue say what the store says: a schedule for each scope that has one, no other; a job for whatever is
 * due or soon will be, and for every queued run. Repeating it changes nothing, so every process may.
 */
export async function reconcileSchedules(engine: EngineContext, queue: Queue): Promise<void> {
  const { now, scopes } = await planScopes(engine)
  const turns = tenantTurns()
  const turnOf = new Map(scopes.map((scope) => [scope, turns(scope.tenantId)]))
  await alignSchedules(
    queue,
    scopes.map((scope) => scheduleOf(scope, turnOf.get(scope) ?? 0)),
  )
  const horizon = now.getTime() + engine.limits.reconcileMs
  for (const scope of scopes) {
    const due = dueAt(scope.plan)
    if (!due || due.getTime() > horizon) continue
    const delayMs = Math.max(0, Math.ceil(due.getTime() - now.getTime()))
    await queue.add({ ...scopeJob(scope, turnOf.get(scope) ?? 0), delayMs })
  }
  await addQueuedRuns(engine, queue)
}

function scheduleOf(scope: ScheduledScope, turn: number): Schedule {
  const { cronSchedule: cron, cronTimeZone: timeZone } = scope
  return {
    scheduleId: scopeJobId(scope),
    recurrence: timeZone === undefined ? { cron } : { cron, timeZone },
    job: scopeJob(scope, turn),
  }
}

const retention: Schedule = {
  scheduleId: retentionScheduleId,
  recurrence: { everyMs: retentionEveryMs },
  job: retentionJob,
}

async function alignSchedules(queue: Queue, scheduled: readonly Schedule[]): Promise<void> {
  const wanted = new Map([...scheduled, retention].map((schedule) => [schedule.scheduleId, schedule]))
  for (const { scheduleId, recurrence, job } of await queue.schedules()) {
    const want = wanted.get(scheduleId)
    if (!want && scheduleId.startsWith(scopePrefix)) await queue.removeSchedule(scheduleId)
    if (want && sameAs(want, { recurrence, job })) wanted.delete(scheduleId)
  }
  for (const schedule of wanted.values()) await queue.upsertSchedule(schedule)
}

/** As far as the wanted one says anything: a queue may answer defaults as well. */
function sameAs(want: Schedule, have: Pick<Schedule, 'recurrence' | 'job'>): boolean {
  const said = <Value extends object>(of: Value, by: Value): unknown =>
    Object.fromEntries(Object.keys(by).map((key) => [key, Reflect.get(of, key) ?? null]))
  return (
    canonicalJson(want.recurrence) === canonicalJson(said(have.recurrence, want.recurrence)) &&
    canonicalJson(want.job) === canonicalJson(said(have.job, want.job))
  )
}

async function addQueuedRuns({ store }: EngineContext, queue: Queue): Promise<void> {
  const turns = tenantTurns()
  const waiting = await store.runs.list({ status: 'queued', limit: mostQueuedRuns })
  for (const run of waiting.toReversed()) await queue.add(runJob(run, turns(run.tenantId)))
}
