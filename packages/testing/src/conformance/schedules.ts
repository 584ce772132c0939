import { deepEqual, equal, ok } from 'node:assert/strict'
import type { ScheduledScope, SchedulePlan, Scope, Store, SyncConfig } from '@syncline/core'
import { configInput, connectorInput, newRun, otherStaff, staff, teams, tenantId } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, finish, prepareScopes, takeOver } from './passes.ts'

const cronSchedule = '0 * * * *'

async function prepareSchedules(store: Store, ...scopes: Scope[]): Promise<void> {
  await prepareScopes(store, ...scopes)
  for (const scope of scopes) await schedule(store, scope)
}

/** Gives a scope a schedule; another one than it had when `resetPlan` says so. */
const schedule = (store: Store, scope: Scope, change: Partial<SyncConfig> & { resetPlan?: boolean } = {}) => {
  const { resetPlan, ...settings } = change
  const config = configInput(scope, { cronSchedule, ...settings })
  return store.configs.save({ config, resetWatermark: false, resetPlan })
}

async function read(store: Store, scope: Scope = staff): Promise<ScheduledScope & { readonly now: Date }> {
  const { now, scopes } = await store.schedules.list({ scope, endedRuns: 3 })
  const [found] = scopes
  ok(found, 'the scope must be scheduled')
  return { ...found, now }
}

async function write(store: Store, plan: SchedulePlan, scope: Scope = staff): Promise<boolean> {
  const { planVersion } = await read(store, scope)
  return store.schedules.plan({ scope, planVersion, plan })
}

/** An instant that is so far from the store's own time. */
const fromNow = async (store: Store, ms: number): Promise<Date> =>
  new Date((await read(store)).now.getTime() + ms)

export function testSchedules(suite: StoreSuite): void {
  storeCases(suite, 'ScheduleStore', (test) => {
    test('list answers enabled configs that have a schedule, of active connectors, in order', async ({
      store,
    }) => {
      const off = { connectorId: 'off', resourceType: 'user' }
      const bare = { connectorId: 'off', resourceType: 'group' }
      const paused = { connectorId: 'paused', resourceType: 'user' }
      await prepareSchedules(store, otherStaff, staff, teams, paused, off)
      await prepareScopes(store, bare)
      await store.connectors.save(connectorInput('paused', { status: 'paused' }))
      await schedule(store, off, { enabled: false })
      const { scopes } = await store.schedules.list({ endedRuns: 3 })
      deepEqual(
        scopes.map(({ connectorId, resourceType }) => [connectorId, resourceType]),
        [
          ['hr', 'group'],
          ['hr', 'user'],
          ['hr-2', 'user'],
        ],
      )
      const one = await store.schedules.list({ scope: teams, endedRuns: 3 })
      deepEqual(one.scopes, scopes.slice(0, 1))
    })

    test('a scope is listed with tenant, schedule and its newest ended runs, newest first', async (harness) => {
      const { store } = harness
      await prepareSchedules(store, staff)
      await schedule(store, staff, { cronTimeZone: 'Asia/Tokyo' })
      const first = await finish(store, await begin(store))
      const failed = await finish(store, await begin(store), {
        status: 'error',
        error: { code: 'CONNECTOR_FAILED', message: 'no\u0000' },
      })
      await begin(store)
      const { now, planVersion, ...found } = await read(store)
      ok(now instanceof Date && Number.isInteger(planVersion))
      deepEqual(found, {
        ...staff,
        tenantId,
        cronSchedule,
        cronTimeZone: 'Asia/Tokyo',
        plan: {},
        endedRuns: [
          { runId: failed.runId, status: 'error', error: failed.error, finishedAt: failed.finishedAt },
          { runId: first.runId, status: 'success', finishedAt: first.finishedAt },
        ],
      })
      await takeOver(harness)
      const { scopes } = await store.schedules.list({ scope: staff, endedRuns: 1 })
      deepEqual(
        scopes[0]?.endedRuns.map(({ error }) => error?.code),
        ['RUN_ABANDONED'],
      )
    })

    test('plan writes what list and the config’s nextRunAt then show; the earlier instant counts', async ({
      store,
    }) => {
      await prepareSchedules(store, staff)
      const [early, late] = [await fromNow(store, 60_000), await fromNow(store, 90_000)]
      equal((await store.configs.get(staff))?.nextRunAt, undefined)
      const plan = { tickAt: late, retryAt: early, plannedAfter: 'run-1' }
      equal(await write(store, plan), true)
      deepEqual((await read(store)).plan, plan)
      deepEqual((await store.configs.get(staff))?.nextRunAt, early)
      deepEqual((await store.configs.list({}))[0]?.nextRunAt, early)
      equal(await write(store, { tickAt: late }), true)
      deepEqual((await read(store)).plan, { tickAt: late })
      deepEqual((await store.configs.get(staff))?.nextRunAt, late)
    })

    test('plan answers false, and writes nothing, when somebody planned since it was read', async ({
      store,
    }) => {
      await prepareSchedules(store, staff)
      const { planVersion } = await read(store)
      const tickAt = await fromNow(store, 60_000)
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          store.schedules.plan({ scope: staff, planVersion, plan: { tickAt, plannedAfter: `${index}` } }),
        ),
      )
      equal(answers.filter(Boolean).length, 1)
      deepEqual((await read(store)).plan.plannedAfter, `${answers.indexOf(true)}`)
    })

    test('saving settings keeps the plan unless it is reset; a plan made before is refused then', async ({
      store,
    }) => {
      await prepareSchedules(store, staff)
      const tickAt = await fromNow(store, 60_000)
      await write(store, { tickAt })
      await schedule(store, staff, { pageSize: 7 })
      deepEqual((await read(store)).plan, { tickAt })
      const { planVersion } = await read(store)
      const saved = await schedule(store, staff, { cronSchedule: '5 * * * *', resetPlan: true })
      equal(saved.nextRunAt, undefined)
      deepEqual((await read(store)).plan, {})
      equal(await store.schedules.plan({ scope: staff, planVersion, plan: { tickAt } }), false)
      await write(store, { tickAt })
      const disabled = await schedule(store, staff, { enabled: false })
      equal(disabled.nextRunAt, undefined)
    })

    test('plan answers false for a scope without a schedule', async ({ store }) => {
      await prepareScopes(store, staff)
      equal(await store.schedules.plan({ scope: staff, planVersion: 0, plan: {} }), false)
      equal(await store.schedules.plan({ scope: otherStaff, planVersion: 0, plan: {} }), false)
    })

    test('begin reads the plan and writes the next one with the run, or not at all', async ({ store }) => {
      await prepareSchedules(store, staff)
      const [now, next] = [await fromNow(store, 0), await fromNow(store, 3_600_000)]
      await write(store, { tickAt: now, plannedAfter: 'run-0' })
      const scope = { ...staff, tenantId }
      const take = () =>
        store.runs.begin(scope, (state) => {
          const { plan, generation } = state
          if (!plan?.tickAt || plan.tickAt > state.now) throw new Error('not due')
          const run = newRun({ generation: generation + 1 })
          return { kind: 'start', abandonRunning: true, run, plan: { tickAt: next } }
        })
      const answers = await Promise.allSettled(Array.from({ length: 4 }, take))
      equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
      deepEqual((await read(store)).plan, { tickAt: next })
      equal((await store.runs.list({ limit: 10 })).length, 1)
    })

    test('a run that begins without a plan leaves it alone', async ({ store }) => {
      await prepareSchedules(store, staff)
      const tickAt = await fromNow(store, 60_000)
      await write(store, { tickAt })
      await begin(store)
      deepEqual((await read(store)).plan, { tickAt })
    })
  })
}
