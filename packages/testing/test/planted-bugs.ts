import { isSyncError, type Scope, type Store } from '@syncline/core'
import { finishOf, newRun } from '../src/conformance/builders.ts'
import { sweep } from '../src/conformance/passes.ts'
import { type PlantedBug, withResources } from './planted-bug.ts'
import { ownerBugs } from './planted-owner-bugs.ts'
import { fenceBugs, runBugs } from './planted-run-bugs.ts'
import { scheduleBugs } from './planted-schedule-bugs.ts'

async function staleEverythingOf(store: Store, scope: Scope): Promise<void> {
  const begun = await store.runs.begin({ ...scope, tenantId: 'bug' }, (state) => ({
    kind: 'start',
    abandonRunning: true,
    run: newRun({ generation: state.generation + 1 }),
  }))
  if (begun.kind === 'refused') throw begun.error
  await sweep(store, begun.run)
  await store.runs.finish(finishOf(begun.run))
}

const pageBugs: Record<string, PlantedBug> = {
  'a repeated page is written again': {
    caughtBy: ['a repeated page changes nothing and answers the totals'],
    plant: (store) =>
      withResources(store, (resources) => ({
        async commitPage(commit) {
          const result = await resources.commitPage(commit)
          for (const record of result.repeated ? commit.records : []) {
            await resources.upsertOne({ scope: commit.lease, record })
          }
          return result
        },
      })),
  },
  'a page is not one transaction': {
    caughtBy: ['a page that cannot be stored leaves nothing behind and may be sent again'],
    plant: (store) =>
      withResources(store, (resources) => ({
        async commitPage(commit) {
          try {
            return await resources.commitPage(commit)
          } catch (error) {
            const [first] = commit.records
            if (first && !isSyncError(error, 'LEASE_LOST')) {
              await resources.upsertOne({ scope: commit.lease, record: first })
            }
            throw error
          }
        },
      })),
  },
  'unchanged rows are rewritten': {
    caughtBy: ['a record with the same hash is unchanged and its row is not touched'],
    plant: (store) =>
      withResources(store, (resources) => ({
        async commitPage(commit) {
          const result = await resources.commitPage(commit)
          for (const record of commit.records) await resources.upsertOne({ scope: commit.lease, record })
          return result
        },
      })),
  },
  'quarantined records do not count as seen': {
    caughtBy: ['the row of a quarantined record counts as seen, that of an excluded one does not'],
    plant: (store) =>
      withResources(store, (resources) => ({
        commitPage: (commit) => resources.commitPage({ ...commit, rejected: [] }),
      })),
  },
  'external ids are compared without case': {
    caughtBy: ['external ids are byte-exact'],
    plant: (store) =>
      withResources(store, (resources) => ({
        commitPage: (commit) =>
          resources.commitPage({
            ...commit,
            records: commit.records.map((record) => ({
              ...record,
              externalId: record.externalId.toLowerCase(),
            })),
          }),
      })),
  },
  'external ids are normalised': {
    caughtBy: ['external ids are byte-exact'],
    plant: (store) =>
      withResources(store, (resources) => ({
        get: (ref) => resources.get({ ...ref, externalId: ref.externalId.normalize('NFC') }),
      })),
  },
}

const listingBugs: Record<string, PlantedBug> = {
  'keys on several pages count several times': {
    caughtBy: ['each key counts once', 'the exact counters are the run’s from then on'],
    plant: (store) =>
      withResources(store, (resources) => ({
        async closeListing(request) {
          const before = await store.runs.get(request.lease.runId)
          const summary = await resources.closeListing(request)
          return before ? { ...summary, stats: before.stats } : summary
        },
      })),
  },
  'a sweep is not scoped by connector': {
    caughtBy: ['other scopes keep their rows, also those with equal external ids'],
    plant: (store) =>
      withResources(store, (resources) => ({
        async markStale(request) {
          const { connectorId, resourceType } = request.lease
          for (const other of await store.connectors.list({})) {
            if (other.connectorId === connectorId) continue
            await staleEverythingOf(store, { connectorId: other.connectorId, resourceType })
          }
          return resources.markStale(request)
        },
      })),
  },
  'a purge does not look at the retention': {
    caughtBy: ['it removes only what has been stale for longer than its retention'],
    plant: (store) =>
      withResources(store, (resources) => ({
        purgeStale: (request) => resources.purgeStale({ ...request, retentionMs: 0 }),
      })),
  },
  'a search is a pattern': {
    caughtBy: ['are plain characters in a search'],
    plant: (store) =>
      withResources(store, (resources) => ({
        find: (slice) => resources.find({ ...slice, search: slice.search?.replaceAll(/[%_]/g, '') }),
        count: (query) => resources.count({ ...query, search: query.search?.replaceAll(/[%_]/g, '') }),
      })),
  },
  'ids are ordered by UTF-16 code unit': {
    caughtBy: ['external ids are ordered by code point'],
    plant: (store) =>
      withResources(store, (resources) => ({
        async find(slice) {
          const found = await resources.find(slice)
          return found.toSorted((left, right) => (left.externalId < right.externalId ? -1 : 1))
        },
      })),
  },
  'the change log skips an entry': {
    caughtBy: ['read answers up to limit changes after a position, in order'],
    plant: (store) => ({
      ...store,
      changes: {
        ...store.changes,
        read: (request) => store.changes.read({ ...request, after: request.after + 1 }),
      },
    }),
  },
  'a direct write does not confirm what it finds unchanged': {
    caughtBy: ['what a direct write touched since the generation began is spared'],
    plant: (store) =>
      withResources(store, (resources) => ({
        async upsertOne(request) {
          const { scope, record } = request
          const found = await resources.get({ ...scope, externalId: record.externalId })
          return found?.hash === record.hash ? 'unchanged' : resources.upsertOne(request)
        },
      })),
  },
  'quarantine entries of earlier generations pile up': {
    caughtBy: ['a full listing drops quarantine entries of earlier generations'],
    plant: (store) =>
      withResources(store, (resources) => ({
        closeListing: (request) => resources.closeListing({ ...request, full: false }),
      })),
  },
}

export const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  ...fenceBugs,
  ...runBugs,
  ...pageBugs,
  ...listingBugs,
  ...scheduleBugs,
  ...ownerBugs,
}
