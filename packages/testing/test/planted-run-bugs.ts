import type { Lease, Store } from '@syncline/core'
import { leaseOf } from '../src/conformance/builders.ts'
import { type PlantedBug, withResources } from './planted-bug.ts'

/** The proof that the scope's present run would give: what a store that never looks at the proof acts on. */
async function anyLease(store: Store, lease: Lease): Promise<Lease> {
  const { connectorId, resourceType } = lease
  const [running] = await store.runs.list({ connectorId, resourceType, status: 'running', limit: 1 })
  return running ? { ...leaseOf(running), leaseMs: lease.leaseMs } : lease
}

export const fenceBugs: Record<string, PlantedBug> = {
  'the fence of a page is not checked': {
    caughtBy: ['a page under a lost lease throws LEASE_LOST and writes nothing'],
    plant: (store) =>
      withResources(store, (resources) => ({
        commitPage: async (commit) =>
          resources.commitPage({ ...commit, lease: await anyLease(store, commit.lease) }),
      })),
  },
  'the fence of a sweep is not checked': {
    caughtBy: ['a lost lease throws LEASE_LOST and nothing is marked'],
    plant: (store) =>
      withResources(store, (resources) => ({
        markStale: async (request) =>
          resources.markStale({ ...request, lease: await anyLease(store, request.lease) }),
      })),
  },
  'the fence of a purge is not checked': {
    caughtBy: ['a lost lease throws LEASE_LOST and nothing is removed'],
    plant: (store) =>
      withResources(store, (resources) => ({
        purgeStale: async (request) =>
          resources.purgeStale({ ...request, lease: await anyLease(store, request.lease) }),
      })),
  },
  'the fence of closing a listing is not checked': {
    caughtBy: ['it throws LEASE_LOST after a takeover and writes nothing'],
    plant: (store) =>
      withResources(store, (resources) => ({
        closeListing: async (request) =>
          resources.closeListing({ ...request, lease: await anyLease(store, request.lease) }),
      })),
  },
  'the fence of finishing is not checked': {
    caughtBy: ['finish throws LEASE_LOST when another run took the scope over, and writes nothing'],
    plant: (store) => ({
      ...store,
      runs: {
        ...store.runs,
        finish: async (request) =>
          store.runs.finish({ ...request, lease: await anyLease(store, request.lease) }),
      },
    }),
  },
}

export const runBugs: Record<string, PlantedBug> = {
  'a state is read, decided upon and written in three steps': {
    caughtBy: ['of eight begins at once exactly one starts', 'counting the running runs of a tenant'],
    plant: (store) => ({
      ...store,
      runs: {
        ...store.runs,
        async begin(scope, decide) {
          let decision: ReturnType<typeof decide> | undefined
          await store.runs
            .begin(scope, (state) => {
              decision = decide(state)
              throw new Error('only looking')
            })
            .catch(() => undefined)
          await Promise.resolve()
          return store.runs.begin(scope, (state) => {
            const decided = decision ?? decide(state)
            return decided.kind === 'start' ? { ...decided, abandonRunning: true } : decided
          })
        },
      },
    }),
  },
  'finishing twice fails': {
    caughtBy: ['repeating finish with the same status returns the run and writes nothing'],
    plant: (store) => ({
      ...store,
      runs: {
        ...store.runs,
        async finish(request) {
          const before = await store.runs.get(request.lease.runId)
          if (before?.status !== 'running') throw new Error('not running')
          return store.runs.finish(request)
        },
      },
    }),
  },
  'the hash recipe is ignored': {
    caughtBy: ['equal hashes of two recipes prove nothing', 'only re-stamped when equal'],
    plant: (store) => ({
      ...store,
      runs: {
        ...store.runs,
        begin: (scope, decide) =>
          store.runs.begin(scope, (state) => {
            const decision = decide(state)
            return decision.kind === 'start'
              ? { ...decision, run: { ...decision.run, hashRecipe: 'always the same' } }
              : decision
          }),
      },
    }),
  },
  'a resumed run forgets what the pages before it saw': {
    caughtBy: [
      'counters after a resume equal those of an uninterrupted run',
      'an approval spares what an incremental listing saw since the guarded run',
    ],
    plant: (store) => ({
      ...store,
      runs: {
        ...store.runs,
        begin: (scope, decide) =>
          store.runs.begin(scope, (state) => {
            const decision = decide(state)
            return decision.kind === 'start'
              ? { ...decision, run: { ...decision.run, forgetSeenBefore: Infinity } }
              : decision
          }),
      },
    }),
  },
}
