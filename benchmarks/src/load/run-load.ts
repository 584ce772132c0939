import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Run, Scope, Store, Syncline } from '@syncline/core'
import { type LoadSetting, openProcess } from './open-process.ts'

/** How much comes due at one minute. */
export interface Load {
  /** Connectors by tenant; each has users and groups. */
  readonly tenants: Readonly<Record<string, number>>
  /** How long a run takes, in milliseconds. */
  readonly takesMs: number
  readonly processes: number
  /** Runs of a process at once. */
  readonly runsAtOnce: number
  readonly maxStaggerMs: number
}

/** A run, in milliseconds after the minute. */
export interface LoadRun extends Scope {
  readonly tenantId: string
  /** When the stagger let it begin. */
  readonly dueAt: number
  readonly startedAt: number
  readonly finishedAt: number
}

const hourMs = 3_600_000
/** Between the start of the workers and the minute. */
const leadMs = 1_500

/**
 * Lets everything come due at one minute, on worker processes of their own, and waits until all of it is done. The
 * limit of runs of a tenant is out of the way: what keeps tenants apart is whose turn it is.
 * @throws Error when a scope did not run exactly once, and well
 */
export async function runLoad(
  load: Load,
  servers: Pick<LoadSetting, 'databaseUrl' | 'redisUrl'>,
): Promise<readonly LoadRun[]> {
  const { processes, runsAtOnce, maxStaggerMs } = load
  const limits = { maxStaggerMs, maxConcurrentRuns: runsAtOnce, maxConcurrentPerTenant: 1_000 }
  const setting: LoadSetting = { ...servers, limits }
  const { syncline, store, queue } = await openProcess(setting)
  const children: ChildProcess[] = []
  try {
    const scopes = await configure(syncline, load)
    for (let started = 0; started < processes; started++) children.push(forkWorker(setting))
    await Promise.all(children.map((child) => once(child, 'message')))
    const done = Promise.race([countFinished(children, scopes), ...children.map(endedEarly)])
    const dueTimes = await bringForward(store)
    for (const child of children) child.send('start')
    await done
    return readRuns(await syncline.runs.list({ limit: 2 * scopes }), dueTimes)
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await queue.close()
    await store.close()
  }
}

/** Answers how many scopes there are. */
async function configure(syncline: Syncline, { tenants, takesMs }: Load): Promise<number> {
  let scopes = 0
  for (const [tenantId, connectors] of Object.entries(tenants)) {
    for (let n = 1; n <= connectors; n++) {
      const connectorId = `${tenantId}-${n}`
      await syncline.connectors.save({ connectorId, tenantId, type: 'slow', config: { takesMs } })
      for (const resourceType of ['user', 'group']) {
        await syncline.configs.save({ connectorId, resourceType, enabled: true, cronSchedule: '0 * * * *' })
        scopes += 1
      }
    }
  }
  return scopes
}

const forkWorker = (setting: LoadSetting): ChildProcess =>
  fork(new URL('load-process.ts', import.meta.url), [JSON.stringify(setting)], {
    execArgv: ['--conditions=@syncline/source'],
  })

/** Rejects when a worker ends by itself. */
async function endedEarly(child: ChildProcess): Promise<never> {
  await once(child, 'exit')
  throw new Error('a worker process ended early')
}

/** Resolves when so many runs were told of. */
const countFinished = (children: readonly ChildProcess[], wanted: number): Promise<void> =>
  new Promise((resolve) => {
    let finished = 0
    const hear = (): void => {
      finished += 1
      if (finished === wanted) resolve()
    }
    for (const child of children) child.on('message', hear)
  })

const keyOf = ({ connectorId, resourceType }: Scope): string => `${connectorId} ${resourceType}`

/** When everything is due, as it was planned, but for the hour: that is now. */
interface DueTimes {
  readonly minute: number
  readonly of: ReadonlyMap<string, number>
}

async function bringForward({ schedules }: Store): Promise<DueTimes> {
  const { now, scopes } = await schedules.list({ endedRuns: 1 })
  const minute = now.getTime() + leadMs
  const of = new Map<string, number>()
  for (const scope of scopes) {
    const dueAt = minute + ((scope.plan.tickAt?.getTime() ?? 0) % hourMs)
    const { connectorId, resourceType, planVersion } = scope
    const plan = { ...scope.plan, tickAt: new Date(dueAt) }
    const written = await schedules.plan({ scope: { connectorId, resourceType }, planVersion, plan })
    if (!written) throw new Error(`The plan of ${keyOf(scope)} was not written`)
    of.set(keyOf(scope), dueAt)
  }
  return { minute, of }
}

function readRuns(runs: readonly Run[], { minute, of }: DueTimes): LoadRun[] {
  const failed = runs.filter(({ status }) => status !== 'success')
  if (failed.length > 0 || runs.length !== of.size || new Set(runs.map(keyOf)).size !== of.size)
    throw new Error(`${of.size} scopes, ${runs.length} runs, ${failed.length} of them not well`)
  return runs.map((run) => ({
    connectorId: run.connectorId,
    resourceType: run.resourceType,
    tenantId: run.tenantId,
    dueAt: (of.get(keyOf(run)) ?? 0) - minute,
    startedAt: run.startedAt.getTime() - minute,
    finishedAt: (run.finishedAt?.getTime() ?? 0) - minute,
  }))
}
