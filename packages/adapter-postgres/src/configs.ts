import type { Scope, SyncConfig, SyncConfigStore } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from './context.ts'
import { connectorNotFound } from './scope-lock.ts'
import { readFilterRules, readRemovalGuard, readStrings, writeDocument } from './stored-documents.ts'
import { compact, msOf } from './values.ts'

interface ConfigRow {
  readonly connectorId: string
  readonly resourceType: string
  readonly enabled: boolean
  readonly strategy: SyncConfig['strategy']
  readonly cronSchedule: string | null
  readonly filterRules: string | null
  readonly staleRetention: string
  readonly volatilePaths: string
  readonly pageSize: number
  readonly removalGuard: string | null
  readonly watermark: string | null
  readonly createdMs: number
  readonly updatedMs: number
}

const columns = sql`connector_id as "connectorId", resource_type as "resourceType", enabled, strategy,
  cron_schedule as "cronSchedule", filter_rules::text as "filterRules", stale_retention as "staleRetention",
  volatile_paths::text as "volatilePaths", page_size as "pageSize", removal_guard::text as "removalGuard",
  watermark, ${msOf('created_at')} as "createdMs", ${msOf('updated_at')} as "updatedMs"`

/** Settings per (connector, resource type). */
export function syncConfigStore({ database, tables }: StoreContext): SyncConfigStore {
  const select = (rest: RawBuilder<unknown>): RawBuilder<ConfigRow> =>
    sql<ConfigRow>`select ${columns} from ${tables.configs} ${rest}`
  return {
    save: ({ config, resetWatermark }) =>
      database.write(async (session) => {
        const [row] = await session.run(sql<ConfigRow>`insert into ${tables.configs} as kept
          (connector_id, resource_type, enabled, strategy, cron_schedule, filter_rules, stale_retention,
            volatile_paths, page_size, removal_guard)
          select id, ${config.resourceType}, ${config.enabled}::boolean, ${config.strategy},
            ${config.cronSchedule ?? null}, ${writeDocument(config.filterRules)}::jsonb,
            ${config.staleRetention}, ${writeDocument(config.volatilePaths)}::jsonb,
            ${config.pageSize}::int, ${writeDocument(config.removalGuard)}::jsonb
          from ${tables.connectors} where id = ${config.connectorId} for key share
          on conflict (connector_id, resource_type) do update set enabled = excluded.enabled,
            strategy = excluded.strategy, cron_schedule = excluded.cron_schedule,
            filter_rules = excluded.filter_rules, stale_retention = excluded.stale_retention,
            volatile_paths = excluded.volatile_paths, page_size = excluded.page_size,
            removal_guard = excluded.removal_guard, updated_at = excluded.updated_at,
            watermark = case when ${resetWatermark}::boolean then null else kept.watermark end
          returning ${columns}`)
        if (!row) throw connectorNotFound(config.connectorId)
        return toConfig(row)
      }),
    get: (scope) =>
      database.read(async (session) => {
        const [row] = await session.run(select(ofScope(scope)))
        return row && toConfig(row)
      }),
    list: ({ connectorId }) =>
      database.read(async (session) => {
        const which = connectorId === undefined ? sql`` : sql`where connector_id = ${connectorId}`
        const rows = await session.run(select(sql`${which} order by connector_id, resource_type`))
        return rows.map(toConfig)
      }),
    remove: (scope) =>
      database.read(async (session) => {
        const removed = await session.run(sql`delete from ${tables.configs} ${ofScope(scope)} returning id`)
        return removed.length > 0
      }),
  }
}

const toConfig = (row: ConfigRow): SyncConfig =>
  compact<SyncConfig>({
    connectorId: row.connectorId,
    resourceType: row.resourceType,
    enabled: row.enabled,
    strategy: row.strategy,
    cronSchedule: row.cronSchedule ?? undefined,
    filterRules: readFilterRules(row.filterRules),
    staleRetention: row.staleRetention,
    volatilePaths: readStrings(row.volatilePaths),
    pageSize: row.pageSize,
    removalGuard: readRemovalGuard(row.removalGuard) ?? null,
    watermark: row.watermark ?? undefined,
    createdAt: new Date(row.createdMs),
    updatedAt: new Date(row.updatedMs),
  })

const ofScope = ({ connectorId, resourceType }: Scope): RawBuilder<unknown> =>
  sql`where connector_id = ${connectorId} and resource_type = ${resourceType}`
