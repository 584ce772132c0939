import type { RunStore, Store } from '@syncline/core'
import type { PlantedBug } from './planted-bug.ts'

const withRuns = (store: Store, broken: (runs: RunStore) => Partial<RunStore>): Store => ({
  ...store,
  runs: { ...store.runs, ...broken(store.runs) },
})

/** Mistakes that show one connector what belongs to another. */
export const ownerBugs: Record<string, PlantedBug> = {
  'a run is found whosever it is': {
    caughtBy: ['get answers undefined for a run of another connector'],
    plant: (store) => withRuns(store, (runs) => ({ get: (runId) => runs.get(runId) })),
  },
  'a run is cancelled whosever it is': {
    caughtBy: [
      'requestCancel leaves a run of another connector alone',
      'requestCancel leaves a queued run of another connector alone',
    ],
    plant: (store) => withRuns(store, (runs) => ({ requestCancel: (runId) => runs.requestCancel(runId) })),
  },
  'a list goes on from a run of anybody': {
    caughtBy: ['list knows no run of another connector to go on from'],
    plant: (store) =>
      withRuns(store, (runs) => ({
        async list({ connectorId, limit, ...query }) {
          const found = await runs.list({ ...query, limit: 10_000 })
          return found
            .filter((run) => connectorId === undefined || run.connectorId === connectorId)
            .slice(0, limit)
        },
      })),
  },
  'runs of others are counted': {
    caughtBy: ['count answers how many there are in all'],
    plant: (store) =>
      withRuns(store, (runs) => ({ count: (filter) => runs.count({ ...filter, connectorId: undefined }) })),
  },
  'an offset is forgotten': {
    caughtBy: ['list passes over an offset'],
    plant: (store) =>
      withRuns(store, (runs) => ({ list: (query) => runs.list({ ...query, offset: undefined }) })),
  },
  'quarantine is cut before it is ordered': {
    caughtBy: ['of a whole connector, entries of all types come newest first, and none of others'],
    plant: (store) => ({
      ...store,
      quarantine: {
        ...store.quarantine,
        async list({ scope, limit, ...slice }) {
          const all = await store.quarantine.list({ scope, limit: 10_000, ...slice })
          return all.toReversed().slice(0, limit).toReversed()
        },
      },
    }),
  },
  'quarantine does not go on from an entry': {
    caughtBy: ['list goes on before an entry, also when that one has left'],
    plant: (store) => ({
      ...store,
      quarantine: {
        ...store.quarantine,
        list: (slice) => store.quarantine.list({ ...slice, before: undefined }),
      },
    }),
  },
}
