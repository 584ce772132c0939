import type { RunStore, Store } from '@syncline/core'
import { type PlantedBug, withResources } from './planted-bug.ts'

const withRuns = (store: Store, broken: (runs: RunStore) => Partial<RunStore>): Store => ({
  ...store,
  runs: { ...store.runs, ...broken(store.runs) },
})

export const scheduleBugs: Record<string, PlantedBug> = {
  'a plan is written without looking whether somebody else planned': {
    caughtBy: ['plan answers false, and writes nothing, when somebody planned since it was read'],
    plant: (store) => ({
      ...store,
      schedules: {
        ...store.schedules,
        async plan(request) {
          const { scope } = request
          for (;;) {
            const [read] = (await store.schedules.list({ scope, endedRuns: 0 })).scopes
            if (!read) return false
            if (await store.schedules.plan({ ...request, planVersion: read.planVersion })) return true
          }
        },
      },
    }),
  },
  'a run begins and its tick stays': {
    caughtBy: ['begin reads the plan and writes the next one with the run, or not at all'],
    plant: (store) =>
      withRuns(store, (runs) => ({
        begin: (scope, decide) =>
          runs.begin(scope, (state) => {
            const decision = decide(state)
            return decision.kind === 'start' ? { ...decision, plan: undefined } : decision
          }),
      })),
  },
  'schedules of paused connectors and disabled configs are listed': {
    caughtBy: ['list answers enabled configs that have a schedule, of active connectors, in order'],
    plant: (store) => ({
      ...store,
      connectors: {
        ...store.connectors,
        save: (connector) => store.connectors.save({ ...connector, status: 'active' }),
      },
    }),
  },
  'another schedule keeps the old plan': {
    caughtBy: ['saving settings keeps the plan unless it is reset'],
    plant: (store) => ({
      ...store,
      configs: {
        ...store.configs,
        save: (request) => store.configs.save({ ...request, resetPlan: false }),
      },
    }),
  },
  'two runs of a scope may be queued': {
    caughtBy: ['enqueue answers busy with the run of the scope that is queued already'],
    plant: (store) =>
      withRuns(store, (runs) => ({
        async enqueue(run) {
          const answer = await runs.enqueue(run)
          return { kind: 'queued', run: { ...answer.run, runId: run.runId } }
        },
      })),
  },
  'cancelling does not reach queued runs': {
    caughtBy: ['requestCancel cancels a queued run at once'],
    plant: (store) =>
      withRuns(store, (runs) => ({
        async requestCancel(runId) {
          const run = await runs.get(runId)
          return run?.status === 'queued' ? false : runs.requestCancel(runId)
        },
      })),
  },
  'a queued run begins as another one': {
    caughtBy: ['a queued run begins when its id is given'],
    plant: (store) =>
      withRuns(store, (runs) => ({
        begin: async (scope, decide) => {
          const [queued] = await runs.list({ ...scope, status: 'queued', limit: 1 })
          if (queued) await runs.refuse({ runId: queued.runId, error: { code: 'INTERNAL', message: '' } })
          return runs.begin(scope, (state) => {
            const decision = decide(state)
            if (decision.kind === 'refuse' || decision.run.runId !== queued?.runId) return decision
            return { ...decision, run: { ...decision.run, runId: `${queued.runId}-2` } }
          })
        },
      })),
  },
  'history is pruned whatever its age': {
    caughtBy: ['prune removes runs that ended longer ago, oldest first, up to the limit'],
    plant: (store) =>
      withRuns(store, (runs) => ({ prune: (request) => runs.prune({ ...request, olderThanMs: 0 }) })),
  },
  'stale resources are purged outside runs whatever their age': {
    caughtBy: ['purgeExpired removes what has been stale for longer than its retention'],
    plant: (store) =>
      withResources(store, (resources) => ({
        purgeExpired: (request) => resources.purgeExpired({ ...request, retentionMs: 0 }),
      })),
  },
  'a reader that is too late is not told': {
    caughtBy: ['reading on from a position whose next change was pruned throws CHANGES_EXPIRED'],
    plant: (store) => ({
      ...store,
      changes: { ...store.changes, read: (request) => store.changes.read(request).catch(() => []) },
    }),
  },
}
