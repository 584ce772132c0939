import type { Run, Scope, Syncline } from '@syncline/core'
import { expect, vi } from 'vitest'
import type { RedisFault } from '../../test-support/redis/redis-faults.ts'
import { startRedis } from '../../test-support/redis/start-redis.ts'
import { comeDue } from '../concurrency/come-due.ts'
import { after, before, groups, users } from './directory.ts'
import { type Fleet, hurried, startFleet } from './fleet.ts'
import { createStriker, type Phase } from './phases.ts'

/** What came of everything, but for ids and times. */
export interface Outcome {
  readonly runs: unknown
  readonly resources: unknown
  readonly changes: unknown
}

/** How long things took while Redis was in trouble, in milliseconds. */
export interface Waits {
  /** Of each look-up. */
  readonly lookUps: readonly number[]
  /** From the end of the trouble to the end of the run that was due meanwhile. */
  readonly tick: number
  readonly stop: number
  readonly close: number
}

/**
 * A first sync of people, then one of a changed upstream that a fault strikes at a phase; while it lasts, look-ups, a
 * run of groups that is asked for, and a tick of people that comes due. Then the fault ends, everything catches up,
 * and the processes are stopped while it lasts again. Without a fault: the same, undisturbed.
 */
export async function disturbedSync(
  redisFile: string,
  { phase, fault }: { readonly phase: Phase; readonly fault?: RedisFault },
): Promise<{ readonly outcome: Outcome; readonly waits: Waits; readonly said: readonly string[] }> {
  const redis = await startRedis(redisFile)
  const striker = createStriker()
  const fleet = await startFleet(redis, { ...hurried, observe: striker.observe })
  const { directory, members, store } = fleet
  const [first, second] = members
  striker.watch(directory)
  try {
    directory.become(before)
    await first.syncline.trigger({ ...users, wait: true })
    await lookUps(fleet)

    directory.become(after)
    striker.arm(phase, async () => fault?.begin(redis))
    await vi.waitFor(() => comeDue(store, users))
    await vi.waitFor(() => expect(striker.struck).toBe(true), patience)
    const during = await lookUps(fleet)
    const asked = await second.syncline.trigger(groups)
    await ended(first.syncline, users, 2)
    during.push(...(await lookUps(fleet)))
    await vi.waitFor(() => comeDue(store, users))

    await fault?.end(redis)
    const since = performance.now()
    await ended(first.syncline, users, 3)
    const tick = performance.now() - since
    await first.syncline.runs.wait(asked.runId, { signal: AbortSignal.timeout(patience.timeout) })
    await vi.waitFor(() => bothServeTheNewest(fleet), patience)
    expect(directory.mostAtOnce).toBe(1)
    const outcome = await outcomeOf(first.syncline)

    await fault?.begin(redis)
    const stop = await timed(() => Promise.all(members.map(({ syncline }) => syncline.stop())))
    const close = await timed(() => Promise.all(members.map((member) => member.close())))
    return { outcome, waits: { lookUps: during, tick, stop, close }, said: fleet.said }
  } finally {
    await redis.stop()
    await Promise.all(members.map(({ syncline }) => syncline.stop()))
    await Promise.all(members.map((member) => member.close()))
  }
}

const patience = { timeout: 30_000, interval: 20 }

const stepMs = 10

/**
 * How long something waits, in milliseconds of this process's own timers. While the machine gives the process no time,
 * its timers stand still, and so does the count.
 */
async function timed(something: () => Promise<unknown>): Promise<number> {
  let steps = 0
  const step = (): void => {
    steps += 1
    timer = setTimeout(step, stepMs)
  }
  let timer = setTimeout(step, stepMs)
  try {
    await something()
  } finally {
    clearTimeout(timer)
  }
  return steps * stepMs
}

/** Each process looks for two people; answers how long each took. */
async function lookUps({ members }: Fleet): Promise<number[]> {
  const waits: number[] = []
  for (const { syncline } of members) {
    for (const externalId of ['u3', 'u4']) {
      waits.push(
        await timed(async () =>
          expect(await syncline.resources.lookUp({ ...users, externalId })).toMatchObject({ externalId }),
        ),
      )
    }
  }
  return waits
}

async function bothServeTheNewest({ members }: Fleet): Promise<void> {
  for (const { syncline } of members) {
    const found = await syncline.resources.lookUp({ ...users, externalId: 'u3' })
    expect(found?.attributes).toEqual({ title: 'Lead' })
  }
}

/** So many runs of the scope have ended. */
async function ended(syncline: Syncline, scope: Scope, count: number): Promise<void> {
  const finished = async (): Promise<readonly Run[]> =>
    (await syncline.runs.list(scope)).filter(({ finishedAt }) => finishedAt)
  await vi.waitFor(async () => expect(await finished()).toHaveLength(count), patience)
}

async function outcomeOf(syncline: Syncline): Promise<Outcome> {
  const of = async <Answer>(read: (scope: Scope) => Promise<Answer>) => ({
    users: await read(users),
    groups: await read(groups),
  })
  return {
    runs: await of(async (scope) =>
      (await syncline.runs.list(scope)).map(({ status, stats }) => ({
        status,
        stats: { ...stats, durationMs: 0 },
      })),
    ),
    resources: await of(async (scope) =>
      (await syncline.resources.list({ ...scope, pageSize: 100 })).data.map(
        ({ externalId, hash, staleSince }) => ({
          externalId,
          hash,
          stale: staleSince !== undefined,
        }),
      ),
    ),
    changes: await of(async (scope) =>
      (await syncline.changes.read(scope)).map(({ kind, externalId }) => `${kind} ${externalId}`),
    ),
  }
}
