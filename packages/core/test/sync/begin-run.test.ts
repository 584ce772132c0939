import type { Run, ScopeState, SyncConfig } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { decideBegin, type RunPlan } from '../../src/sync/begin-run.ts'
import { firstCheckpoint, zeroStats, zeroTimings } from '../../src/sync/checkpoint.ts'
import { limitsSchema } from '../../src/sync/limits.ts'
import { postSyncDefaults } from '../../src/syncline/post-sync-settings.ts'

const now = new Date('2026-03-01T12:00:00Z')
const minutes = (n: number): Date => new Date(now.getTime() + n * 60_000)

const config: SyncConfig = {
  connectorId: 'c',
  resourceType: 'user',
  enabled: false,
  strategy: 'full',
  staleRetention: '7d',
  volatilePaths: [],
  pageSize: 500,
  removalGuard: null,
  ...postSyncDefaults,
  revision: '1',
  createdAt: now,
  updatedAt: now,
}

const plan = (changes: Partial<RunPlan> = {}): RunPlan => ({
  runId: 'new',
  config,
  limits: limitsSchema.parse({}),
  rules: 'rules-1',
  hashRecipe: 'recipe',
  restart: false,
  ...changes,
})

const state = (changes: Partial<ScopeState> = {}): ScopeState => ({
  now,
  generation: 4,
  tenantRunning: 0,
  ...changes,
})

const run = (changes: Partial<Run> = {}): Run => ({
  runId: 'old',
  tenantId: 't',
  connectorId: 'c',
  resourceType: 'user',
  mode: 'full',
  status: 'error',
  generation: 4,
  generationStartedAt: minutes(-10),
  fencingToken: 7,
  startedAt: minutes(-10),
  leaseExpiresAt: minutes(-9),
  checkpoint: {
    ...firstCheckpoint({ nextWatermark: minutes(-10).toISOString(), rules: 'rules-1' }),
    cursor: 'p3',
    pages: 2,
  },
  stats: { ...zeroStats, added: 20 },
  timings: zeroTimings,
  resumable: true,
  complete: false,
  cancelRequested: false,
  ...changes,
})

const started = (decision: ReturnType<typeof decideBegin>) => {
  if (decision.kind !== 'start') throw new Error(`refused: ${decision.error.code}`)
  return decision.run
}
const refused = (decision: ReturnType<typeof decideBegin>) =>
  decision.kind === 'refuse' ? decision.error : undefined

describe('a scope where a run is going', () => {
  test('refuses a second one with the running run’s id', () => {
    const running = run({ status: 'running', leaseExpiresAt: minutes(1) })
    const error = refused(decideBegin(state({ running }), plan()))
    expect(error).toMatchObject({ code: 'SYNC_ALREADY_RUNNING', details: { runId: 'old' } })
  })

  test('is taken over once the lease ran out, in the same generation and from the same page', () => {
    const running = run({ status: 'running', resumable: false })
    const decision = decideBegin(state({ running }), plan())
    expect(decision).toMatchObject({ kind: 'start', abandonRunning: true })
    expect(started(decision)).toMatchObject({
      generation: 4,
      generationStartedAt: minutes(-10),
      checkpoint: { cursor: 'p3', pages: 2 },
      stats: { added: 20 },
      resumedFrom: 'old',
    })
  })
})

describe('an earlier listing that was cut off', () => {
  test('is resumed', () => {
    expect(started(decideBegin(state({ latest: run() }), plan())).resumedFrom).toBe('old')
  })

  test.each([
    ['it ended', plan(), run({ resumable: false })],
    ['the rules changed', plan({ rules: 'rules-2' }), run()],
    [
      'another mode is forced',
      plan({ mode: 'incremental', config: { ...config, watermark: '2026-03-01T10:00:00.000Z' } }),
      run(),
    ],
    ['a restart is asked for', plan({ restart: true }), run()],
    ['it is too old', plan(), run({ generationStartedAt: minutes(-60 * 25) })],
  ])('is not resumed when %s', (_, wanted, latest) => {
    const begun = started(decideBegin(state({ latest }), wanted))
    expect(begun).toMatchObject({ generation: 5, checkpoint: { pages: 0 }, stats: zeroStats })
    expect(begun.resumedFrom).toBeUndefined()
  })
})

describe('mode', () => {
  const watermark = '2026-03-01T10:00:00.000Z'

  test('the first run of an incremental config is full', () => {
    const incremental = plan({ config: { ...config, strategy: 'incremental' } })
    expect(started(decideBegin(state(), incremental)).mode).toBe('full')
  })

  test('with a watermark it is incremental and reaches back by the overlap, inclusive', () => {
    const incremental = plan({ config: { ...config, strategy: 'incremental', watermark } })
    expect(started(decideBegin(state(), incremental))).toMatchObject({
      mode: 'incremental',
      checkpoint: { modifiedSince: '2026-03-01T09:55:00.000Z', nextWatermark: now.toISOString() },
    })
  })

  test('without a watermark a forced incremental run is full, and resumes a full one', () => {
    const forced = plan({ mode: 'incremental' })
    expect(started(decideBegin(state({ latest: run() }), forced))).toMatchObject({
      mode: 'full',
      resumedFrom: 'old',
    })
  })

  test('a trigger may force it', () => {
    const forced = plan({ mode: 'full', config: { ...config, strategy: 'incremental', watermark } })
    expect(started(decideBegin(state(), forced)).mode).toBe('full')
  })
})

describe('limits', () => {
  test('a tenant with all its runs going is refused', () => {
    expect(refused(decideBegin(state({ tenantRunning: 3 }), plan()))?.code).toBe('TENANT_LIMIT_REACHED')
  })

  test('a listing too soon after the last one is refused with the time to wait', () => {
    const limits = limitsSchema.parse({ minIntervalMs: 300_000 })
    const error = refused(decideBegin(state({ lastStartedAt: minutes(-4) }), plan({ limits })))
    expect(error).toMatchObject({ code: 'MIN_INTERVAL_NOT_REACHED', retryAfterMs: 60_000 })
  })

  test('a resume does not wait for the interval', () => {
    const limits = limitsSchema.parse({ minIntervalMs: 300_000 })
    const latest = run()
    const resumed = decideBegin(state({ latest, lastStartedAt: minutes(-1) }), plan({ limits }))
    expect(started(resumed).resumedFrom).toBe('old')
  })
})

describe('what earlier generations saw', () => {
  test('is forgotten when a listing begins', () => {
    expect(started(decideBegin(state(), plan())).forgetSeenBefore).toBe(5)
  })

  test('is kept by an incremental run while a guarded run waits for approval', () => {
    const guarded = run({ runId: 'guarded', status: 'guarded', generation: 3, resumable: false })
    const incremental = plan({
      config: { ...config, strategy: 'incremental', watermark: minutes(-5).toISOString() },
    })
    expect(started(decideBegin(state({ guarded, latest: guarded }), incremental)).forgetSeenBefore).toBe(3)
  })
})

describe('a run that is due, or was queued', () => {
  const next = { tickAt: minutes(60) }

  test('begins with the plan that comes after it', () => {
    const takePlan = (): typeof next => next
    expect(decideBegin(state({ plan: { tickAt: now } }), plan({ takePlan }))).toMatchObject({
      kind: 'start',
      plan: next,
    })
  })

  test('is refused with RUN_NOT_DUE once another process took the tick', () => {
    const takePlan = (): undefined => undefined
    expect(decideBegin(state({ plan: next }), plan({ takePlan }))).toMatchObject({
      kind: 'refuse',
      error: { code: 'RUN_NOT_DUE' },
    })
  })

  test('begins while it is queued, and is refused with RUN_CANCELLED when it no longer is', () => {
    const wanted = plan({ runId: 'queued', queuedRunId: 'queued' })
    const queued = run({ runId: 'queued', status: 'queued' })
    expect(decideBegin(state({ queued }), wanted)).toMatchObject({ kind: 'start', run: { runId: 'queued' } })
    expect(decideBegin(state(), wanted)).toMatchObject({ kind: 'refuse', error: { code: 'RUN_CANCELLED' } })
  })
})
