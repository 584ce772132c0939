import assert from 'node:assert/strict'
import {
  type Clock,
  createSyncline,
  isSyncError,
  type PageCommit,
  type Run,
  type Store,
  type Syncline,
  type UpstreamRecord,
} from '@syncline/core'
import { applyRun, chaosStore, createModel, type FakeClock, fakeClock, type Model } from '@syncline/testing'
import { type Cut, ids, leaseMs, overlapMs, retentionMs, type Step } from './history.ts'
import { createUpstreamWorld, type UpstreamWorld } from './upstream-world.ts'

const users = { connectorId: 'world', resourceType: 'user' }
/** Another connector with the same ids: nothing that happens to `users` may touch it. */
const bystanders = { connectorId: 'other', resourceType: 'user' }

/** What a planted bug can see and bend. */
export interface Surroundings {
  readonly upstream: UpstreamWorld
  /** The process's clock, an hour ahead of the store's. */
  readonly appClock: FakeClock
}

export interface Simulation {
  readonly openStore: (clock: FakeClock) => Promise<Store>
  /** Bends the store to show that the checks can fail. @default none */
  readonly plant?: ((store: Store, surroundings: Surroundings) => Store) | undefined
}

/** Lives a history and checks the invariants after every step. @throws AssertionError */
export async function liveThrough(steps: readonly Step[], { openStore, plant }: Simulation): Promise<void> {
  const clock = fakeClock()
  const appClock = skewed(clock)
  const upstream = createUpstreamWorld(clock)
  const inner = await openStore(clock)
  const store = plant ? plant(inner, { upstream, appClock }) : inner
  const world: World = {
    clock,
    appClock,
    upstream,
    inner,
    store,
    model: createModel(),
    staleAt: new Map(),
    logged: 0,
  }
  try {
    await prepare(world)
    for (const step of steps) {
      await take(world, step)
      await checkRows(world)
      // Store time never stands still between two steps.
      await clock.advance(1)
    }
    await checkQuiet(world)
  } finally {
    await inner.close()
  }
}

interface World {
  readonly clock: FakeClock
  readonly appClock: FakeClock
  readonly upstream: UpstreamWorld
  readonly inner: Store
  readonly store: Store
  readonly model: Model
  readonly staleAt: Map<string, number>
  /** Changes of the log accounted for. */
  logged: number
}

/** What differs from process to process. */
interface Process {
  readonly lookAhead?: 0 | 1
  readonly clock?: Clock
}

/** The same time, an hour ahead. */
function skewed(clock: FakeClock): FakeClock {
  return { ...clock, now: () => new Date(clock.now().getTime() + 3_600_000) }
}

const open = (
  world: World,
  store: Store,
  { lookAhead = 1, clock = world.appClock }: Process = {},
): Syncline =>
  createSyncline({
    store,
    connectorTypes: [world.upstream.connectorType],
    clock,
    random: () => 0,
    limits: { leaseMs, overlapMs, lookAhead, sweepBatch: 2 },
  })

async function prepare(world: World): Promise<void> {
  const syncline = open(world, world.inner)
  for (const scope of [users, bystanders]) {
    await syncline.connectors.save({ connectorId: scope.connectorId, type: 'world' })
    await syncline.configs.save({
      ...scope,
      strategy: 'incremental',
      removalGuard: null,
      staleRetention: '1h',
      filterRules: { emailDomains: ['in.example'] },
    })
  }
  for (const externalId of ['a', 'b', 'h']) {
    await syncline.resources.upsert(bystanders, {
      externalId,
      displayName: 'by',
      email: 'by@in.example',
      attributes: {},
    })
  }
}

async function take(world: World, step: Step): Promise<void> {
  const { upstream, clock } = world
  switch (step.kind) {
    case 'put':
      upstream.put(step.id, step.content, { kind: step.as, lateMs: step.lateMs })
      return
    case 'remove':
      upstream.remove(step.id)
      return
    case 'wait':
      await clock.advance(step.ms)
      return
    case 'direct':
      await writeDirectly(world, step.id)
      return
    case 'sync':
      await syncOnce(world, step)
      return
    case 'race':
      await race(world, step.pageSize)
      return
    case 'zombie':
      await zombie(world, step)
  }
}

async function writeDirectly(world: World, id: string): Promise<void> {
  const { upstream, model, staleAt } = world
  const syncline = open(world, world.store)
  const entry = upstream.get(id)
  if (!entry) {
    await syncline.resources.remove({ ...users, externalId: id })
    model.rows.delete(id)
    staleAt.delete(id)
  } else if (entry.kind === 'bad') {
    await assert.rejects(syncline.resources.upsert(users, upstream.record(id) as unknown as UpstreamRecord), {
      code: 'RECORD_INVALID',
    })
  } else {
    const outcome = await syncline.resources.upsert(users, upstream.record(id) as unknown as UpstreamRecord)
    assert.equal(outcome === 'excluded', entry.kind === 'filtered')
    if (entry.kind === 'good') {
      model.rows.set(id, { content: entry.content, stale: false })
      model.quarantine.delete(id)
      staleAt.delete(id)
    }
  }
  world.logged = (await changes(world)).length
}

type SyncStep = Extract<Step, { kind: 'sync' }>

/** One listing, with the deaths and failures the step asks for, resumed until it ends. */
async function syncOnce(world: World, step: SyncStep): Promise<void> {
  const { upstream, store, clock } = world
  const { pageSize, mode, repeated, failAt, lookAhead } = step
  await open(world, world.inner).configs.save({ ...users, pageSize })
  upstream.setMood({ repeated, failAt })
  upstream.forgetAsked()
  const generation = await highestGeneration(world)
  for (const cut of step.cuts) {
    await syncAndDie(world, step, cut)
    const ended = await endedListing(world, generation)
    if (ended?.status === 'error' && ended.error?.code === 'UPSTREAM_REJECTED') break
    if (ended?.status === 'success') return applyToModel(world, ended, { pageSize, generation })
    await clock.advance(leaseMs + 1)
  }
  const run = await watchAsked(world, lookAhead, () =>
    open(world, store, { lookAhead }).sync({ ...users, mode }),
  )
  if (run.status === 'success') return applyToModel(world, run, { pageSize, generation })
  assert.equal(run.error?.code, 'UPSTREAM_REJECTED')
  assert.equal(run.stats.staled, 0, 'a failed listing marks nothing stale')
  // Whatever the failed listing left, a new one must mend: the model only knows whole listings.
  upstream.setMood({ repeated })
  const again = await open(world, store, { lookAhead }).sync({ ...users, mode })
  assert.equal(again.status, 'success')
  await applyToModel(world, again, { pageSize, generation })
}

async function syncAndDie(world: World, step: SyncStep, { call, moment }: Cut): Promise<void> {
  const chaos = chaosStore(world.store, { kind: 'cut', call, when: moment })
  await watchAsked(world, step.lookAhead, async () => {
    try {
      await open(world, chaos.store, { lookAhead: step.lookAhead }).sync({ ...users, mode: step.mode })
    } catch {
      // Dead; what counts is what the store holds.
    }
  })
}

/** I4: an attempt begins at the first page that was not committed, unless it has to begin a new listing. */
async function watchAsked<Answer>(
  world: World,
  lookAhead: 0 | 1,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  const { asked } = world.upstream
  const before = [...asked]
  const generation = await highestGeneration(world)
  const answer = await attempt()
  const twice = asked.slice(before.length).filter((cursor) => before.includes(cursor))
  if ((await highestGeneration(world)) > generation) return answer
  assert.ok(twice.length <= 1 + lookAhead, `I4: asked again for ${twice.join()}`)
  return answer
}

const latestRun = async (world: World): Promise<Run | undefined> =>
  (await world.store.runs.list({ ...users, limit: 1 }))[0]

const highestGeneration = async (world: World): Promise<number> => (await latestRun(world))?.generation ?? 0

/** The newest run, when its process ended it although the answer was lost. */
async function endedListing(world: World, after: number): Promise<Run | undefined> {
  const run = await latestRun(world)
  return run && run.generation > after && run.status !== 'running' ? run : undefined
}

/** A whole listing: the model does the same at once, and everything must agree. */
async function applyToModel(
  world: World,
  run: Run,
  { pageSize, generation }: { readonly pageSize: number; readonly generation?: number },
): Promise<void> {
  const { model, upstream, staleAt } = world
  const staleBefore = new Set([...model.rows].filter(([, row]) => row.stale).map(([id]) => id))
  const outcome = applyRun(model, {
    mode: run.mode,
    pages: upstream.pages(run.checkpoint.modifiedSince, pageSize),
  })
  const now = world.clock.now().getTime()
  for (const [id, row] of model.rows) {
    if (!row.stale) staleAt.delete(id)
    else if (!staleBefore.has(id)) staleAt.set(id, now)
  }
  const purged = [...staleAt]
    .filter(([, at]) => run.mode === 'full' && now - at > retentionMs)
    .map(([id]) => id)
  for (const id of purged) {
    model.rows.delete(id)
    staleAt.delete(id)
  }
  const { durationMs: _, removed, ...stats } = run.stats
  // A listing that had to begin anew finds as unchanged what the one before it stored.
  const oneListing = generation === undefined || run.generation === generation + 1
  if (oneListing) assert.deepEqual(stats, outcome.stats, 'I3: counters equal those of an uninterrupted run')
  assert.equal(
    removed,
    purged.length,
    'I7: purged what was stale for longer than its retention, and nothing else',
  )
  const distinct =
    stats.added + stats.updated + stats.unchanged + stats.restored + stats.quarantined + stats.excluded
  const listed = upstream.pages(run.checkpoint.modifiedSince, pageSize).flat()
  assert.equal(distinct, new Set(listed.map(({ externalId }) => externalId)).size, 'I3: each key once')
  const expected = [
    ...outcome.changes,
    ...purged.map((externalId) => ({ kind: 'removed' as const, externalId })),
  ]
  await checkLog(world, expected)
  checkNothingLost(world)
}

/** Half of I1 and I2, after a run of either mode: what upstream has is live here, as it is there. */
function checkNothingLost({ upstream, model }: World): void {
  for (const id of ids) {
    const entry = upstream.get(id)
    if (entry?.kind !== 'good') continue
    assert.deepEqual(model.rows.get(id), { content: entry.content, stale: false }, `I1: ${id} was lost`)
  }
}

/** I6: every change is in the log exactly once, in order per resource. */
async function checkLog(
  world: World,
  expected: readonly { kind: string; externalId: string }[],
): Promise<void> {
  const log = await changes(world)
  assert.deepEqual(
    log.map(({ position }) => position),
    log.map((_, index) => index + 1),
    'I6: positions are gapless',
  )
  const byId = (entries: readonly { kind: string; externalId: string }[]) =>
    entries
      .map(({ kind, externalId }) => `${externalId} ${kind}`)
      .toSorted((x, y) => x.charCodeAt(0) - y.charCodeAt(0))
  assert.deepEqual(byId(log.slice(world.logged)), byId(expected), 'I6: the log')
  world.logged = log.length
}

const changes = (world: World) => world.store.changes.read({ scope: users, after: 0, limit: 100_000 })

/** I1 and I2 as far as the model knows: the rows are the model's, the bystanders untouched. */
async function checkRows(world: World): Promise<void> {
  const { store, model } = world
  const rows = await store.resources.find({ ...users, limit: 1_000 })
  const actual = rows.map(({ externalId, displayName, staleSince }) => [
    externalId,
    displayName,
    staleSince !== undefined,
  ])
  const expected = [...model.rows]
    .map(([id, { content, stale }]) => [id, content, stale] as const)
    .toSorted(([one], [two]) => (one < two ? -1 : 1))
  assert.deepEqual(actual, expected, 'I1: the rows are those of the reference model')
  const others = await store.resources.find({ ...bystanders, limit: 1_000 })
  assert.deepEqual(
    others.map(({ externalId, staleSince }) => [externalId, staleSince]),
    [
      ['a', undefined],
      ['b', undefined],
      ['h', undefined],
    ],
    'another connector is untouched',
  )
}

/** I1 in full, then I9. */
async function checkQuiet(world: World): Promise<void> {
  const { upstream, store, clock } = world
  upstream.setMood({ repeated: [] })
  await clock.advance(leaseMs + 1)
  const step = {
    kind: 'sync',
    mode: 'full',
    pageSize: 3,
    repeated: [],
    cuts: [],
    failAt: undefined,
    lookAhead: 1,
  } as const
  await syncOnce(world, step)
  const live = await store.resources.find({ ...users, stale: false, limit: 1_000 })
  for (const { externalId, displayName } of live) {
    const entry = upstream.get(externalId)
    assert.ok(entry && entry.kind !== 'filtered', `I1: ${externalId} is live, upstream says ${entry?.kind}`)
    if (entry.kind === 'good') assert.equal(displayName, entry.content, 'I1: content')
  }
  const before = world.logged
  const again = await open(world, store).sync({ ...users, mode: 'full' })
  const { added, updated, restored, staled } = again.stats
  assert.deepEqual([added, updated, restored, staled], [0, 0, 0, 0], 'I9')
  assert.equal((await changes(world)).length - again.stats.removed, before, 'I9: no change is logged')
}

/** Syncs while another run of the scope waits for its first page. */
async function race(world: World, pageSize: number): Promise<void> {
  const { upstream, store } = world
  await open(world, world.inner).configs.save({ ...users, pageSize })
  const inside = Promise.withResolvers<void>()
  const turnedAway = Promise.withResolvers<void>()
  let listings = 0
  upstream.setMood({
    repeated: [],
    onPage: async (page) => {
      if (page !== 1) return
      listings += 1
      inside.resolve()
      // A second listing is the bug itself: nobody will be turned away.
      if (listings > 1) turnedAway.resolve()
      await turnedAway.promise
    },
  })
  const sync = () => open(world, store).sync({ ...users, mode: 'full', restart: true })
  const both = [sync(), sync()]
  await inside.promise
  // Whoever is not inside by now is either refused or a second writer.
  const late = sync()
  await assert
    .rejects(late, { code: 'SYNC_ALREADY_RUNNING' }, 'I5: a live lease is respected')
    .finally(() => turnedAway.resolve())
  const outcomes = await Promise.allSettled(both)
  upstream.setMood({ repeated: [] })
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  assert.equal(listings, 1, 'I5: one listing at a time')
  assert.equal(started.length, 1, 'I5: exactly one of two starts')
  const refused = outcomes.find((outcome) => outcome.status === 'rejected')
  assert.ok(isSyncError(refused?.reason, 'SYNC_ALREADY_RUNNING'))
  const [run] = started
  assert.equal(run?.status, 'success')
  if (run) await applyToModel(world, run, { pageSize })
}

/** A run that slept through its lease wakes with an old page in hand. */
async function zombie(world: World, { id, content }: Extract<Step, { kind: 'zombie' }>): Promise<void> {
  const { upstream, store, clock } = world
  await open(world, world.inner).configs.save({ ...users, pageSize: 100 })
  upstream.put(id, 'as the sleeper saw it', { kind: 'good', lateMs: 0 })
  const asleep = Promise.withResolvers<void>()
  const wake = Promise.withResolvers<void>()
  const resources: typeof store.resources = Object.create(store.resources, {
    commitPage: {
      async value(commit: PageCommit) {
        asleep.resolve()
        await wake.promise
        return store.resources.commitPage(commit)
      },
    },
  })
  const sleepy: Store = Object.create(store, { resources: { value: resources } })
  upstream.setMood({ repeated: [] })
  // A stopped process renews nothing.
  const stopped: Clock = { ...world.appClock, after: () => () => undefined }
  const sleeper = open(world, sleepy, { clock: stopped }).sync({ ...users, mode: 'full', restart: true })
  await asleep.promise
  await clock.advance(leaseMs + 1)
  upstream.put(id, content, { kind: 'good', lateMs: 0 })
  const run = await open(world, store).sync({ ...users, mode: 'full' })
  assert.equal(run.status, 'success')
  await applyToModel(world, run, { pageSize: 100 })
  wake.resolve()
  const old = await sleeper
  assert.equal(old.error?.code, 'RUN_ABANDONED', 'I8: the sleeper ends as abandoned')
  await checkRows(world)
}
