import { z } from 'zod'
import { isSyncError, SyncError } from '../errors.ts'
import { parseFilterRules } from '../filtering/filter-rules.ts'
import { canonicalJson } from '../hashing/canonical-json.ts'
import { parseVolatilePaths } from '../hashing/volatile-paths.ts'
import type { Scope } from '../model/scope.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import { checkTimeZone, parseCron } from '../time/cron.ts'
import { parseRetention } from '../time/retention.ts'
import { type HandleContext, requireConnector } from './connectors.ts'
import { decideAgain, requireCondition } from './decide-again.ts'
import { describeIssues } from './options.ts'
import { checkPostSync, mergePostSync, postSyncDefaults, postSyncShape } from './post-sync-settings.ts'
import type { ConfigCondition, SyncConfigInput, Syncline } from './syncline.ts'

const inputSchema = z.strictObject({
  connectorId: z.string(),
  resourceType: z.string(),
  enabled: z.boolean().nullish(),
  strategy: z.enum(['full', 'incremental']).nullish(),
  cronSchedule: z.string().nullish(),
  cronTimeZone: z.string().max(64).nullish(),
  filterRules: z.unknown().optional(),
  staleRetention: z.string().nullish(),
  volatilePaths: z.unknown().optional(),
  pageSize: z.number().int().min(1).max(10_000).nullish(),
  removalGuard: z
    .strictObject({ minRows: z.number().int().nonnegative(), percent: z.number().min(0).max(100) })
    .nullish(),
  ...postSyncShape,
})

type Settings = Omit<
  SyncConfig,
  'connectorId' | 'resourceType' | 'watermark' | 'nextRunAt' | 'revision' | 'createdAt' | 'updatedAt'
>

/** What a sync config has where nothing else is said. */
export const syncConfigDefaults: Settings = {
  enabled: false,
  strategy: 'full',
  cronSchedule: undefined,
  cronTimeZone: undefined,
  filterRules: undefined,
  staleRetention: '7d',
  volatilePaths: [],
  pageSize: 500,
  removalGuard: { minRows: 10, percent: 20 },
  ...postSyncDefaults,
}

export function configsHandle(context: HandleContext): Syncline['configs'] {
  const { store } = context
  return {
    async save(input, condition) {
      const saved = await saveConfig(context, input, condition)
      await context.plan(saved)
      return (await store.configs.get(saved)) ?? saved
    },
    get: (scope) => store.configs.get(scope),
    async list({ tenantId, ...query } = {}) {
      const configs = await store.configs.list(query)
      if (tenantId === undefined) return configs
      const owned = new Set((await store.connectors.list({ tenantId })).map(({ connectorId }) => connectorId))
      return configs.filter(({ connectorId }) => owned.has(connectorId))
    },
    remove: (scope, condition) =>
      decideAgain(async () => {
        const before = await store.configs.get(scope)
        requireCondition(before, condition)
        return before !== undefined && (await store.configs.remove(scope, before.revision))
      }),
  }
}

/** The settings of a scope, which are the defaults where there were none: kept once, however many ask at once. */
export async function keptConfig(context: HandleContext, scope: Scope): Promise<SyncConfig> {
  const { configs } = context.store
  const kept = await configs.get(scope)
  if (kept) return kept
  try {
    return await saveConfig(context, scope, { ifRevision: 'none' })
  } catch (error) {
    // Somebody else's came first.
    const other = isSyncError(error, 'PRECONDITION_FAILED') ? await configs.get(scope) : undefined
    if (other) return other
    throw error
  }
}

/** Writes the settings, without a plan for their schedule. */
async function saveConfig(
  { store, registry }: HandleContext,
  input: SyncConfigInput,
  condition?: ConfigCondition,
): Promise<SyncConfig> {
  const parsed = inputSchema.safeParse(input)
  if (!parsed.success)
    throw new SyncError('SYNC_CONFIG_INVALID', `Sync config: ${describeIssues(parsed.error)}`)
  const { connectorId, resourceType } = input
  const { type } = await requireConnector(store, connectorId)
  const resource = registry.resourceType(type, resourceType)
  return decideAgain(async () => {
    const before = await store.configs.get({ connectorId, resourceType })
    requireCondition(before, condition)
    const settings = checkSettings(mergeSettings(before ?? syncConfigDefaults, input))
    if (settings.strategy === 'incremental' && resource.incremental !== true) {
      throw new SyncError(
        'INCREMENTAL_UNSUPPORTED',
        `Connector type "${type}" cannot list "${resourceType}" incrementally; use the strategy "full"`,
      )
    }
    return store.configs.save({
      config: { connectorId, resourceType, ...settings },
      // Records that other rules left out have not changed upstream: only a full run finds them.
      resetWatermark: rulesOf(before) !== rulesOf(settings),
      resetPlan: rhythmOf(before) !== rhythmOf(settings),
      replaces: before?.revision ?? null,
    })
  })
}

const rulesOf = (settings: Settings | undefined): string => canonicalJson(settings?.filterRules ?? null)

const rhythmOf = (settings: Settings | undefined): string =>
  JSON.stringify([settings?.enabled, settings?.cronSchedule, settings?.cronTimeZone])

/** A field left out keeps its value; null clears it, which for most means its default. */
function mergeSettings(before: Settings, input: SyncConfigInput): Settings {
  const {
    enabled,
    strategy,
    cronSchedule,
    cronTimeZone,
    filterRules,
    staleRetention,
    volatilePaths,
    pageSize,
    removalGuard,
  } = input
  return {
    enabled: keep(enabled, before.enabled || isFirstSchedule(before, input), syncConfigDefaults.enabled),
    strategy: keep(strategy, before.strategy, syncConfigDefaults.strategy),
    cronSchedule: keep(cronSchedule, before.cronSchedule, undefined),
    cronTimeZone: keep(cronTimeZone, before.cronTimeZone, undefined),
    filterRules: keep(filterRules, before.filterRules, undefined),
    staleRetention: keep(staleRetention, before.staleRetention, syncConfigDefaults.staleRetention),
    volatilePaths: keep(volatilePaths, before.volatilePaths, syncConfigDefaults.volatilePaths),
    pageSize: keep(pageSize, before.pageSize, syncConfigDefaults.pageSize),
    // Here null says something: no guard.
    removalGuard: removalGuard === undefined ? before.removalGuard : removalGuard,
    ...mergePostSync(before, input),
  }
}

/** A schedule where there was none is meant to run, unless `enabled` states otherwise. */
const isFirstSchedule = (before: Settings, { cronSchedule }: SyncConfigInput): boolean =>
  before.cronSchedule === undefined && typeof cronSchedule === 'string'

const keep = <Value>(given: Value | null | undefined, before: Value, cleared: Value): Value =>
  given === undefined ? before : (given ?? cleared)

function checkSettings(settings: Settings): Settings {
  const { cronSchedule, cronTimeZone, filterRules, staleRetention, volatilePaths } = settings
  if (cronTimeZone !== undefined) checkTimeZone(cronTimeZone)
  if (cronSchedule !== undefined) parseCron(cronSchedule, cronTimeZone)
  parseRetention(staleRetention)
  return {
    ...settings,
    filterRules: filterRules === undefined ? undefined : parseFilterRules(filterRules),
    volatilePaths: parseVolatilePaths(volatilePaths),
    ...checkPostSync(settings),
  }
}
