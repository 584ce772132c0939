import { ok, rejects } from 'node:assert/strict'
import {
  type BeginDecision,
  type ErrorCode,
  type FinishRun,
  isSyncError,
  type ListingSummary,
  type NewRun,
  type PreparedRecord,
  type Resource,
  type Run,
  type Scope,
  type ScopeState,
  type Store,
} from '@syncline/core'
import type { PageContent } from './builders.ts'
import {
  checkpointAt,
  configInput,
  connectorInput,
  finishOf,
  leaseMs,
  leaseOf,
  newRun,
  pageOf,
  staff,
  tenantId,
} from './builders.ts'
import type { StoreHarness } from './harness.ts'

/** Saves the connector and the settings of scopes, so that runs may begin. */
export async function prepareScopes(store: Store, ...scopes: Scope[]): Promise<void> {
  for (const scope of scopes) {
    await store.connectors.save(connectorInput(scope.connectorId))
    await store.configs.save({ config: configInput(scope), resetWatermark: false })
  }
}

/** How a case wants a run to begin; a function sees the scope's state first. */
export interface BeginRequest {
  readonly scope?: Scope
  readonly tenantId?: string
  readonly abandonRunning?: boolean
  readonly run?: Partial<NewRun> | ((state: ScopeState) => Partial<NewRun>)
}

/** A decision that always starts: a new listing in the next generation unless the request says otherwise. */
export const startAlways =
  (request: BeginRequest = {}) =>
  (state: ScopeState): BeginDecision => {
    const change = typeof request.run === 'function' ? request.run(state) : request.run
    const generation = change?.generation ?? state.generation + 1
    return {
      kind: 'start',
      abandonRunning: request.abandonRunning ?? false,
      run: newRun({ generation, ...change }),
    }
  }

/** Begins a run, which must work. */
export async function begin(store: Store, request: BeginRequest = {}): Promise<Run> {
  const scope = request.scope ?? staff
  const result = await store.runs.begin(
    {
      connectorId: scope.connectorId,
      resourceType: scope.resourceType,
      tenantId: request.tenantId ?? tenantId,
    },
    startAlways(request),
  )
  ok(result.kind === 'started', 'the run must start')
  return result.run
}

/** Begins a run that goes on where the latest run of the scope stands, in its generation. */
export function resume(store: Store, request: Omit<BeginRequest, 'run'> = {}): Promise<Run> {
  return begin(store, {
    ...request,
    run: ({ latest }) => {
      ok(latest, 'there must be a run to resume')
      return {
        generation: latest.generation,
        generationStartedAt: latest.generationStartedAt,
        mode: latest.mode,
        checkpoint: latest.checkpoint,
        stats: latest.stats,
        resumedFrom: latest.runId,
      }
    },
  })
}

/** Commits the first pages of a run. */
export async function commitPages(store: Store, run: Run, pages: readonly PageContent[]): Promise<void> {
  for (const [index, page] of pages.entries()) {
    await store.resources.commitPage(pageOf(run, index + 1, page))
  }
}

export const closeListing = (store: Store, run: Run, full = true): Promise<ListingSummary> =>
  store.resources.closeListing({ lease: leaseOf(run), generation: run.generation, full })

/** Marks everything unseen stale, in batches; answers how many rows. */
export async function sweep(store: Store, run: Run, limit = 1000): Promise<number> {
  for (let total = 0; ; ) {
    const batch = await store.resources.markStale({
      lease: leaseOf(run),
      generation: run.generation,
      limit,
      checkpoint: checkpointAt(1, { phase: 'sweeping' }),
    })
    total += batch.count
    if (batch.done) return total
  }
}

/** Purges everything stale for longer than `retentionMs`, in batches; answers how many rows. */
export async function purge(store: Store, run: Run, retentionMs: number): Promise<number> {
  for (let total = 0; ; ) {
    const batch = await store.resources.purgeStale({ lease: leaseOf(run), retentionMs, limit: 1000 })
    total += batch.count
    if (batch.done) return total
  }
}

export const finish = (store: Store, run: Run, change: Partial<FinishRun> = {}): Promise<Run> =>
  store.runs.finish(finishOf(run, change))

/** One complete full pass: begin, pages, close, sweep, finish; a second of store time goes by before it. */
export async function fullPass(
  { store, timePasses }: StoreHarness,
  pages: readonly PageContent[],
  request: BeginRequest = {},
): Promise<Run> {
  await timePasses(1000)
  const run = await begin(store, request)
  await commitPages(store, run, pages)
  await closeListing(store, run)
  await sweep(store, run)
  return finish(store, run)
}

/** A full pass of one page. */
export const fullPassOf = (
  harness: StoreHarness,
  kept: readonly PreparedRecord[],
  request: BeginRequest = {},
): Promise<Run> => fullPass(harness, [{ records: kept }], request)

/** Every resource of a scope, live and stale, in order. */
export const allOf = (store: Store, scope: Scope = staff): Promise<readonly Resource[]> =>
  store.resources.find({
    connectorId: scope.connectorId,
    resourceType: scope.resourceType,
    limit: 10_000,
  })

/** External ids of a scope: live ones, and stale ones with a `-` before them. */
export async function idsOf(store: Store, scope: Scope = staff): Promise<string[]> {
  const resources = await allOf(store, scope)
  return resources.map((resource) => `${resource.staleSince ? '-' : ''}${resource.externalId}`)
}

/** The change log of a scope as `kind id`, in order. */
export async function changesOf(store: Store, scope: Scope = staff): Promise<string[]> {
  const changes = await store.changes.read({ scope, after: 0, limit: 100_000 })
  return changes.map((change) => `${change.kind} ${change.externalId}`)
}

/** Everything that can be read of a scope: equal before and after means that nothing was written. */
export async function snapshot(store: Store, scope: Scope = staff): Promise<unknown> {
  const { connectorId, resourceType } = scope
  return {
    connectors: await store.connectors.list({}),
    config: await store.configs.get(scope),
    resources: await allOf(store, scope),
    changes: await store.changes.read({ scope, after: 0, limit: 100_000 }),
    quarantine: await store.quarantine.list({ scope, limit: 10_000 }),
    runs: await store.runs.list({ connectorId, resourceType, limit: 1000 }),
  }
}

/** The call must be refused with this code. */
export const refuses = (code: ErrorCode, call: () => Promise<unknown>): Promise<void> =>
  rejects(call, (error) => isSyncError(error, code))

/** The lease of `run` runs out and another run of the scope takes over where it stood. */
export async function takeOver({ store, timePasses }: StoreHarness): Promise<Run> {
  await timePasses(leaseMs + 1000)
  return resume(store, { abandonRunning: true })
}
