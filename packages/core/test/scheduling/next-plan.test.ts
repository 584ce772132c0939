import { describe, expect, test } from 'vitest'
import type { ScheduledScope } from '../../src/model/schedule.ts'
import { dueAt, nextPlan, planOnceBegun } from '../../src/scheduling/next-plan.ts'

const rules = { maxStaggerMs: 0, retryDelaysMs: [300_000] }
const now = new Date('2026-01-01T00:00:30.000Z')
const instant = (time: string): Date => new Date(`2026-01-01T${time}:00.000Z`)

const scope = (change: Partial<ScheduledScope> = {}): ScheduledScope => ({
  connectorId: 'acme',
  resourceType: 'user',
  tenantId: 'default',
  cronSchedule: '0 * * * *',
  plan: {},
  planVersion: 0,
  endedRuns: [],
  ...change,
})
const failedAt = (finishedAt: Date) => ({
  runId: 'failed',
  status: 'error' as const,
  finishedAt,
  error: { code: 'UPSTREAM_TIMEOUT', message: 'slow' },
})

describe('nextPlan', () => {
  test('of a new schedule is its first tick, whatever failed before', () => {
    const endedRuns = [failedAt(instant('00:00'))]
    expect(nextPlan(scope({ endedRuns }), now, rules)).toEqual({
      plan: { tickAt: instant('01:00'), plannedAfter: 'failed' },
    })
  })

  test('is none while nothing happened since the last one', () => {
    expect(nextPlan(scope({ plan: { tickAt: instant('01:00') } }), now, rules)).toBeUndefined()
  })

  test('of a scope whose run failed keeps the tick and adds a retry', () => {
    const read = scope({ plan: { tickAt: instant('01:00') }, endedRuns: [failedAt(instant('00:00'))] })
    expect(nextPlan(read, now, rules)?.plan).toEqual({
      tickAt: instant('01:00'),
      retryAt: instant('00:05'),
      plannedAfter: 'failed',
    })
  })

  test('tells of an alert once: the plan knows the run afterwards', () => {
    const endedRuns = [failedAt(instant('00:06')), failedAt(instant('00:00'))]
    const read = scope({ plan: { tickAt: instant('01:00') }, endedRuns })
    const planned = nextPlan(read, now, rules)
    expect(planned).toMatchObject({ alert: { failures: 2 } })
    expect(planned?.plan.retryAt).toBeUndefined()
    expect(nextPlan({ ...read, plan: planned?.plan ?? {} }, now, rules)).toBeUndefined()
  })
})

describe('a due scope that begins to run', () => {
  const begin = (plan: ScheduledScope['plan'], at = now) => planOnceBegun(scope(), { plan, now: at }, rules)

  test('is due by the earlier of tick and retry', () => {
    expect(dueAt({ tickAt: instant('01:00'), retryAt: instant('00:30') })).toEqual(instant('00:30'))
    expect(dueAt({ retryAt: instant('00:30') })).toEqual(instant('00:30'))
    expect(dueAt({})).toBeUndefined()
  })

  test('takes its tick, and all that were missed, and has the next one before it', () => {
    expect(begin({ tickAt: instant('00:00') }, new Date('2026-01-01T09:30:00Z'))).toEqual({
      tickAt: instant('10:00'),
    })
  })

  test('takes its retry and keeps a tick that is still to come', () => {
    const plan = { tickAt: instant('01:00'), retryAt: instant('00:00'), plannedAfter: 'run' }
    expect(begin(plan)).toEqual({ tickAt: instant('01:00'), plannedAfter: 'run' })
  })

  test.each([
    ['before its tick', { tickAt: instant('01:00') }],
    ['without a plan', {}],
  ])('%s it is not due', (_, plan) => {
    expect(begin(plan)).toBeUndefined()
  })
})
