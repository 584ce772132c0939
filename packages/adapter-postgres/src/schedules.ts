import type { ScheduledScope, SchedulePlan, ScheduleStore, Scope } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from './context.ts'
import { newestOf } from './runs/run-row.ts'
import { readEndedRuns } from './stored-documents.ts'
import type { Tables } from './tables.ts'
import { compact, instant, msOf, optionalDate } from './values.ts'

interface PlanRow {
  readonly tickMs: number | null
  readonly retryMs: number | null
  readonly plannedAfter: string | null
}

interface ScheduleRow extends PlanRow, Scope {
  readonly tenantId: string
  readonly cronSchedule: string
  readonly cronTimeZone: string | null
  readonly planVersion: number
  readonly endedRuns: string
}

export const planColumns = sql`${msOf('c.tick_at')} as "tickMs", ${msOf('c.retry_at')} as "retryMs",
  c.planned_after as "plannedAfter"`

export const hasSchedule = sql`c.enabled and c.cron_schedule is not null`

/** Plans, in the rows of the settings they come from. */
export function scheduleStore({ database, tables }: StoreContext): ScheduleStore {
  return {
    list: ({ scope, endedRuns }) =>
      database.read(async (session) => {
        const [time] = await session.run(
          sql<{
            nowMs: number
          }>`select (extract(epoch from statement_timestamp()) * 1000)::float8 as "nowMs"`,
        )
        const rows = await session.run(selection(tables, scope, endedRuns))
        return { now: new Date(time?.nowMs ?? Number.NaN), scopes: rows.map(toScope) }
      }),
    plan: ({ scope, planVersion, plan }) =>
      database.read(async (session) => {
        const written = await session.run(sql`update ${tables.configs} c set ${planValues(plan)}
          where c.connector_id = ${scope.connectorId} and c.resource_type = ${scope.resourceType}
            and c.plan_version = ${planVersion}::int and ${hasSchedule}
          returning c.id`)
        return written.length > 0
      }),
  }
}

/** Everything that is scheduled, with the newest runs that began and ended. */
const selection = (tables: Tables, scope: Scope | undefined, endedRuns: number): RawBuilder<ScheduleRow> =>
  sql<ScheduleRow>`select c.connector_id as "connectorId", c.resource_type as "resourceType",
    d.tenant_id as "tenantId", c.cron_schedule as "cronSchedule", c.cron_time_zone as "cronTimeZone",
    c.plan_version as "planVersion", ${planColumns},
    coalesce(ended.runs, '[]') as "endedRuns"
    from ${tables.configs} c
    join ${tables.connectors} d on d.id = c.connector_id and d.status = 'active'
    left join ${tables.scopes} s on s.connector_id = c.connector_id and s.resource_type = c.resource_type
    left join lateral (
      select json_agg(json_build_object('runId', r.run_id, 'status', r.status, 'error', r.error,
        'finishedMs', (extract(epoch from r.finished_at) * 1000)::float8) order by r.ordinal desc)::text as runs
      from (select * from ${tables.runs} r
        where r.fencing_token > 0 and r.status <> 'running' and ${newestOf(sql`s.id`)}
        limit ${endedRuns}::int) r
    ) ended on true
    where ${hasSchedule} ${
      scope
        ? sql`and c.connector_id = ${scope.connectorId} and c.resource_type = ${scope.resourceType}`
        : sql``
    }
    order by c.connector_id, c.resource_type`

/** What a plan sets in the row of its settings. */
export const planValues = ({ tickAt, retryAt, plannedAfter }: SchedulePlan): RawBuilder<unknown> =>
  sql`tick_at = ${instant(tickAt)},
    retry_at = ${instant(retryAt)}, planned_after = ${plannedAfter ?? null},
    plan_version = plan_version + 1`

export const toPlan = ({ tickMs, retryMs, plannedAfter }: PlanRow): SchedulePlan =>
  compact<SchedulePlan>({
    tickAt: optionalDate(tickMs),
    retryAt: optionalDate(retryMs),
    plannedAfter: plannedAfter ?? undefined,
  })

const toScope = (row: ScheduleRow): ScheduledScope =>
  compact<ScheduledScope>({
    connectorId: row.connectorId,
    resourceType: row.resourceType,
    tenantId: row.tenantId,
    cronSchedule: row.cronSchedule,
    cronTimeZone: row.cronTimeZone ?? undefined,
    plan: toPlan(row),
    planVersion: row.planVersion,
    endedRuns: readEndedRuns(row.endedRuns),
  })
