import { createHash } from 'node:crypto'
import { type NewRun, type PageCommit, type Store, SyncError } from '@syncline/core'
import { ids } from './history.ts'
import type { Surroundings } from './simulation.ts'

type Plant = (store: Store, surroundings: Surroundings) => Store

/** A store with some methods of one of its parts replaced. */
function bend<Part extends Exclude<keyof Store, 'people' | 'webhooks' | 'close'>>(
  store: Store,
  part: Part,
  methods: Partial<Store[Part]>,
): Store {
  const bent: unknown = Object.create(store[part], Object.getOwnPropertyDescriptors(methods))
  return Object.create(store, { [part]: { value: bent } }) as Store
}

/** A store that bends what a resumed run begins with. */
const onResume = (store: Store, change: (run: NewRun) => NewRun): Store =>
  bend(store, 'runs', {
    begin: (scope, decide) =>
      store.runs.begin(scope, (state) => {
        const decision = decide(state)
        const resumes = decision.kind === 'start' && decision.run.resumedFrom !== undefined
        return resumes ? { ...decision, run: change(decision.run) } : decision
      }),
  })

const users = { connectorId: 'world', resourceType: 'user' }

const isDead = (error: unknown): boolean => !(error instanceof SyncError)

/**
 * The bugs that systems of this kind really had, put into a correct store one at a time. The checks are worth
 * something as long as each of these turns them red.
 */
export const plantedBugs: Readonly<Record<string, Plant>> = {
  'checkpoint before write': (store) =>
    // The position had moved on before the rows were written: what was on its way is skipped.
    onResume(store, (run) => {
      const { cursor } = run.checkpoint
      const ahead = cursor === undefined ? undefined : String(Number(cursor) + 1)
      return { ...run, checkpoint: { ...run.checkpoint, cursor: ahead } }
    }),

  'new generation on resume': (store) =>
    onResume(store, (run) => ({ ...run, generation: run.generation + 1, generationStartedAt: undefined })),

  'strict > for modifiedSince': (store) =>
    bend(store, 'runs', {
      begin: (scope, decide) =>
        store.runs.begin(scope, (state) => {
          const decision = decide(state)
          if (decision.kind === 'refuse') return decision
          const { checkpoint } = decision.run
          if (checkpoint.modifiedSince === undefined) return decision
          const modifiedSince = new Date(Date.parse(checkpoint.modifiedSince) + 1).toISOString()
          return { ...decision, run: { ...decision.run, checkpoint: { ...checkpoint, modifiedSince } } }
        }),
    }),

  'watermark = the newest change seen': (store, { upstream }) =>
    bend(store, 'runs', {
      finish(request) {
        if (request.watermark === undefined) return store.runs.finish(request)
        const seen = ids.map((id) => upstream.get(id)?.updatedAt ?? 0)
        // Without the overlap that a start time is given.
        return store.runs.finish({
          ...request,
          watermark: new Date(Math.max(...seen) + 60_000).toISOString(),
        })
      },
    }),

  'stale without completeness': (store) =>
    bend(store, 'runs', {
      async finish(request) {
        if (request.status === 'error') {
          const { lease, checkpoint } = request
          const run = await store.runs.get(lease.runId)
          const generation = run?.generation ?? 0
          await store.resources.markStale({ lease, generation, checkpoint, limit: 100 })
        }
        return store.runs.finish(request)
      },
    }),

  'unscoped stale': (store) =>
    bend(store, 'resources', {
      async markStale(request) {
        const batch = await store.resources.markStale(request)
        if (batch.count > 0)
          await store.resources.removeOne({ ...users, connectorId: 'other', externalId: 'h' })
        return batch
      },
    }),

  'check-then-update lease': (store) =>
    bend(store, 'runs', {
      async begin(scope, decide) {
        const [latest] = await store.runs.list({ ...users, limit: 1 })
        const free = latest?.status !== 'running'
        return store.runs.begin(scope, (state) => {
          const { running: _, ...rest } = state
          return decide(free ? rest : state)
        })
      },
    }),

  'token not checked': (store) =>
    bend(store, 'resources', {
      async commitPage(commit) {
        try {
          return await store.resources.commitPage(commit)
        } catch (error) {
          if (isDead(error)) throw error
          for (const record of commit.records) await store.resources.upsertOne({ scope: users, record })
          throw error
        }
      },
    }),

  'app clock in the lease': (store, { appClock }) =>
    bend(store, 'runs', {
      begin: (scope, decide) => store.runs.begin(scope, (state) => decide({ ...state, now: appClock.now() })),
    }),

  'hash before sanitise': (store, { upstream }) =>
    bend(store, 'resources', {
      commitPage: (commit) => store.resources.commitPage(rehash(commit, (id) => sorted(upstream.record(id)))),
    }),

  'unsorted keys': (store, { upstream }) =>
    bend(store, 'resources', {
      commitPage: (commit) =>
        store.resources.commitPage(
          rehash(commit, (id) =>
            JSON.stringify({ ...upstream.record(id), attributes: plainKeys(upstream.record(id)) }),
          ),
        ),
    }),

  'counters outside the transaction': (store) =>
    onResume(store, (run) => ({ ...run, stats: { ...run.stats, added: 0, updated: 0, pagesProcessed: 0 } })),

  'outbox outside the transaction': (store) => {
    // The page commits, the process dies, the changes were never written.
    const lost = new Set<string>()
    const runs = bend(store, 'runs', {
      async begin(scope, decide) {
        const [latest] = await store.runs.list({ ...users, limit: 1 })
        const begun = await store.runs.begin(scope, decide)
        const resumed = begun.kind === 'started' && begun.run.resumedFrom !== undefined
        if (resumed && latest?.status === 'running' && latest.checkpoint.pages > 0) lost.add(latest.runId)
        return begun
      },
    })
    return bend(runs, 'changes', {
      async read(request) {
        const all = await store.changes.read(request)
        return all.filter(({ runId }) => runId === undefined || !lost.has(runId))
      },
    })
  },

  'purge without recheck': (store) => {
    const doomed = new Set<string>()
    const runs = bend(store, 'runs', {
      async begin(scope, decide) {
        const begun = await store.runs.begin(scope, decide)
        if (begun.kind === 'started') {
          doomed.clear()
          const stale = await store.resources.find({ ...users, stale: true, limit: 100 })
          const old = ({ staleSince }: { staleSince?: Date | undefined }) =>
            begun.run.startedAt.getTime() - (staleSince?.getTime() ?? 0) > 3_600_000
          for (const resource of stale.filter(old)) doomed.add(resource.externalId)
        }
        return begun
      },
    })
    return bend(runs, 'resources', {
      async purgeStale(request) {
        for (const externalId of doomed) await store.resources.removeOne({ ...users, externalId })
        return store.resources.purgeStale(request)
      },
    })
  },
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

const rehash = (commit: PageCommit, text: (id: string) => string): PageCommit => ({
  ...commit,
  records: commit.records.map((record) => ({ ...record, hash: digest(text(record.externalId)) })),
})

const plainKeys = (record: Record<string, unknown>): object => {
  const { constructor: _, ...attributes } = record.attributes as Record<string, unknown>
  return attributes
}

const sorted = (record: Record<string, unknown>): string => {
  const attributes = Object.entries(record.attributes as object).toSorted(([one], [two]) =>
    one < two ? -1 : 1,
  )
  return JSON.stringify({ ...record, attributes: Object.fromEntries(attributes) })
}
