import {
  type MatchStrategy,
  type Scope,
  type SyncConfig,
  type SyncConfigStore,
  SyncError,
  type SyncTriggerMode,
} from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from './context.ts'
import type { Session } from './database.ts'
import { connectorNotFound } from './scope-lock.ts'
import {
  readAttributeMappings,
  readDeactivationGuard,
  readFilterRules,
  readJsonObject,
  readRemovalGuard,
  readStrategies,
  readStrings,
  writeDocument,
} from './stored-documents.ts'
import type { Tables } from './tables.ts'
import { compact, msOf, optionalDate } from './values.ts'

interface ConfigRow {
  readonly connectorId: string
  readonly resourceType: string
  readonly enabled: boolean
  readonly strategy: SyncConfig['strategy']
  readonly cronSchedule: string | null
  readonly cronTimeZone: string | null
  readonly filterRules: string | null
  readonly staleRetention: string
  readonly volatilePaths: string
  readonly pageSize: number
  readonly removalGuard: string | null
  readonly watermark: string | null
  readonly nextRunMs: number | null
  readonly userMatchStrategy: MatchStrategy
  readonly fallbackStrategies: string
  readonly issuerSourcePath: string | null
  readonly createUsers: boolean
  readonly createUserDefaults: string
  readonly deactivateUsers: boolean
  readonly deactivationGuard: string | null
  readonly attributeMappings: string
  readonly postSyncWorkflowId: string | null
  readonly syncTriggerMode: SyncTriggerMode
  readonly revision: string
  readonly createdMs: number
  readonly updatedMs: number
}

const columns = sql`connector_id as "connectorId", resource_type as "resourceType", enabled, strategy,
  cron_schedule as "cronSchedule", cron_time_zone as "cronTimeZone", filter_rules::text as "filterRules", stale_retention as "staleRetention",
  volatile_paths::text as "volatilePaths", page_size as "pageSize", removal_guard::text as "removalGuard",
  watermark, user_match_strategy as "userMatchStrategy",
  user_match_fallback_strategies::text as "fallbackStrategies", issuer_source_path as "issuerSourcePath",
  create_users as "createUsers", create_user_defaults::text as "createUserDefaults",
  deactivate_users as "deactivateUsers", deactivation_guard::text as "deactivationGuard",
  attribute_mappings::text as "attributeMappings", post_sync_workflow_id as "postSyncWorkflowId",
  sync_trigger_mode as "syncTriggerMode",
  case when enabled and cron_schedule is not null
    then (extract(epoch from least(tick_at, retry_at)) * 1000)::float8 end as "nextRunMs",
  revision::text as revision, ${msOf('created_at')} as "createdMs", ${msOf('updated_at')} as "updatedMs"`

/** Settings per (connector, resource type). */
export function syncConfigStore({ database, tables }: StoreContext): SyncConfigStore {
  const select = (rest: RawBuilder<unknown>): RawBuilder<ConfigRow> =>
    sql<ConfigRow>`select ${columns} from ${tables.configs} ${rest}`
  return {
    save: ({ config, resetWatermark, resetPlan = false, replaces }) =>
      database.write(async (session) => {
        if (replaces !== undefined && (await lockRevision(session, tables, config)) !== replaces)
          throw configChanged(config)
        const [row] = await session.run(sql<ConfigRow>`insert into ${tables.configs} as kept
          (connector_id, resource_type, enabled, strategy, cron_schedule, cron_time_zone, filter_rules, stale_retention,
            volatile_paths, page_size, removal_guard, user_match_strategy, user_match_fallback_strategies,
            issuer_source_path, create_users, create_user_defaults, deactivate_users, deactivation_guard,
            attribute_mappings, post_sync_workflow_id, sync_trigger_mode)
          select id, ${config.resourceType}, ${config.enabled}::boolean, ${config.strategy},
            ${config.cronSchedule ?? null}, ${config.cronTimeZone ?? null}, ${writeDocument(config.filterRules)}::jsonb,
            ${config.staleRetention}, ${writeDocument(config.volatilePaths)}::jsonb,
            ${config.pageSize}::int, ${writeDocument(config.removalGuard)}::jsonb,
            ${config.userMatchStrategy}, ${writeDocument(config.userMatchFallbackStrategies)}::jsonb,
            ${config.issuerSourcePath ?? null}, ${config.createUsers}::boolean,
            ${writeDocument(config.createUserDefaults)}::jsonb, ${config.deactivateUsers}::boolean,
            ${writeDocument(config.deactivationGuard)}::jsonb,
            ${writeDocument(config.attributeMappings)}::jsonb, ${config.postSyncWorkflowId ?? null},
            ${config.syncTriggerMode}
          from ${tables.connectors} where id = ${config.connectorId} for key share
            ${replaces === null ? sql`on conflict do nothing` : replacement({ resetWatermark, resetPlan })}
            returning ${columns}`)
        if (row) return toConfig(row)
        // Somebody else's may have come first.
        const [other] = await session.run(select(ofScope(config)))
        throw other ? configChanged(config) : connectorNotFound(config.connectorId)
      }),
    get: (scope) =>
      database.read(async (session) => {
        const [row] = await session.runPrepared(select(ofScope(scope)))
        return row && toConfig(row)
      }),
    list: ({ connectorId }) =>
      database.read(async (session) => {
        const which = connectorId === undefined ? sql`` : sql`where connector_id = ${connectorId}`
        const rows = await session.run(select(sql`${which} order by connector_id, resource_type`))
        return rows.map(toConfig)
      }),
    remove: (scope, revision) =>
      database.write(async (session) => {
        if (revision !== undefined) {
          const kept = await lockRevision(session, tables, scope)
          if (kept !== null && kept !== revision) throw configChanged(scope)
        }
        const removed = await session.run(sql`delete from ${tables.configs} ${ofScope(scope)} returning id`)
        return removed.length > 0
      }),
  }
}

/** What is there stays as it is until the transaction ends. The connector first, like a removal of it. */
async function lockRevision(session: Session, tables: Tables, scope: Scope): Promise<string | null> {
  await session.run(sql`select id from ${tables.connectors} where id = ${scope.connectorId} for key share`)
  const [kept] = await session.run(
    sql<{
      revision: string
    }>`select revision::text as revision from ${tables.configs} ${ofScope(scope)} for update`,
  )
  return kept?.revision ?? null
}

const configChanged = ({ connectorId, resourceType }: Scope): SyncError =>
  new SyncError(
    'PRECONDITION_FAILED',
    `The settings of ${resourceType} of ${connectorId} are not those it was decided on`,
  )

const settings = [
  'enabled',
  'strategy',
  'cron_schedule',
  'cron_time_zone',
  'filter_rules',
  'stale_retention',
  'volatile_paths',
  'page_size',
  'removal_guard',
  'user_match_strategy',
  'user_match_fallback_strategies',
  'issuer_source_path',
  'create_users',
  'create_user_defaults',
  'deactivate_users',
  'deactivation_guard',
  'attribute_mappings',
  'post_sync_workflow_id',
  'sync_trigger_mode',
  'updated_at',
] as const

function replacement(reset: {
  readonly resetWatermark: boolean
  readonly resetPlan: boolean
}): RawBuilder<unknown> {
  const { resetWatermark, resetPlan } = reset
  return sql`on conflict (connector_id, resource_type) do update set
    ${sql.join(settings.map((name) => sql`${sql.id(name)} = ${sql.id('excluded', name)}`))},
    watermark = case when ${resetWatermark}::boolean then null else kept.watermark end,
    tick_at = case when ${resetPlan}::boolean then null else kept.tick_at end,
    retry_at = case when ${resetPlan}::boolean then null else kept.retry_at end,
    revision = gen_random_uuid(),
    plan_version = kept.plan_version + case when ${resetPlan}::boolean then 1 else 0 end`
}

const toConfig = (row: ConfigRow): SyncConfig =>
  compact<SyncConfig>({
    connectorId: row.connectorId,
    resourceType: row.resourceType,
    enabled: row.enabled,
    strategy: row.strategy,
    cronSchedule: row.cronSchedule ?? undefined,
    cronTimeZone: row.cronTimeZone ?? undefined,
    filterRules: readFilterRules(row.filterRules),
    staleRetention: row.staleRetention,
    volatilePaths: readStrings(row.volatilePaths),
    pageSize: row.pageSize,
    removalGuard: readRemovalGuard(row.removalGuard) ?? null,
    watermark: row.watermark ?? undefined,
    nextRunAt: optionalDate(row.nextRunMs),
    userMatchStrategy: row.userMatchStrategy,
    userMatchFallbackStrategies: readStrategies(row.fallbackStrategies),
    issuerSourcePath: row.issuerSourcePath ?? undefined,
    createUsers: row.createUsers,
    createUserDefaults: readJsonObject(row.createUserDefaults),
    deactivateUsers: row.deactivateUsers,
    deactivationGuard: readDeactivationGuard(row.deactivationGuard) ?? null,
    attributeMappings: readAttributeMappings(row.attributeMappings),
    postSyncWorkflowId: row.postSyncWorkflowId ?? undefined,
    syncTriggerMode: row.syncTriggerMode,
    revision: row.revision,
    createdAt: new Date(row.createdMs),
    updatedAt: new Date(row.updatedMs),
  })

const ofScope = ({ connectorId, resourceType }: Scope): RawBuilder<unknown> =>
  sql`where connector_id = ${connectorId} and resource_type = ${resourceType}`
