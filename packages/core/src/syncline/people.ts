import { SyncError } from '../errors.ts'
import { actionNotFound, undoAction } from '../lifecycle/undo-action.ts'
import type { PostSyncPlan } from '../model/post-sync-plan.ts'
import type { PostSyncRun } from '../model/post-sync-run.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { Scope } from '../model/scope.ts'
import { applyPlan } from '../post-sync/apply-plan.ts'
import { bindTenant } from '../post-sync/bind-tenant.ts'
import { boundDirectory, boundProfiles, boundWorkflows } from '../post-sync/bound-calls.ts'
import { deliverJobs } from '../post-sync/deliver-jobs.ts'
import { compileFirstProfile } from '../post-sync/map-profiles.ts'
import type { PeopleContext, PeopleHost } from '../post-sync/people-context.ts'
import { planPostSync, requirePlan } from '../post-sync/plan-post-sync.ts'
import { runPostSync } from '../post-sync/run-post-sync.ts'
import { shieldDirectory, shieldProfiles } from '../post-sync/shield-ports.ts'
import { bulkResolve } from '../reconciliation/bulk-resolve.ts'
import { createForMatch } from '../reconciliation/create-for-match.ts'
import { requireMatch } from '../reconciliation/match-row.ts'
import { requireResolution, resolveMatch } from '../reconciliation/resolve-match.ts'
import { unlinkMatch } from '../reconciliation/unlink-match.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import { createUuidV7 } from '../time/uuid-v7.ts'
import type { ActiveWork } from './active-work.ts'
import { requireConnector } from './connectors.ts'
import type { SynclineOptions } from './options.ts'
import { mostCounted, paged } from './paged.ts'
import { postSyncDefaults, postSyncSettingsOf } from './post-sync-settings.ts'
import type { Syncline } from './syncline.ts'

/** What post-sync works with; undefined when the host has no users or the store keeps no matches. */
export function composePeople(
  options: SynclineOptions,
  engine: EngineContext,
  stopping: AbortSignal,
): PeopleHost | undefined {
  const { store, clock, logger, emit, limits } = engine
  if (!options.users || !store.people) return undefined
  const deadline = { clock, ms: limits.portCallMs }
  return {
    store,
    people: store.people,
    users: shieldDirectory(boundDirectory(options.users, deadline)),
    profiles: options.profiles && shieldProfiles(boundProfiles(options.profiles, deadline)),
    workflows: options.workflows && boundWorkflows(options.workflows, deadline),
    isExempt: exemption(options.exemptUsers),
    clock,
    logger,
    emit,
    createId: createUuidV7(),
    batchSize: limits.postSyncBatch,
    leaseMs: limits.leaseMs,
    stopping,
  }
}

function exemption(exempt: SynclineOptions['exemptUsers'] = []): PeopleHost['isExempt'] {
  if (typeof exempt === 'function') return exempt
  const ids = new Set(exempt)
  const owned = exempt.filter((one) => typeof one !== 'string')
  return ({ userId, tenantId }) =>
    ids.has(userId) || owned.some((one) => one.userId === userId && one.tenantId === tenantId)
}

type Require = () => PeopleHost

/** The host's users and profiles, as far as a connector reaches. @throws CONNECTOR_NOT_FOUND */
async function contextOf(host: PeopleHost, connectorId: string): Promise<PeopleContext> {
  return bindTenant(host, (await requireConnector(host.store, connectorId)).tenantId)
}

/** @throws POST_SYNC_UNAVAILABLE */
export function requirePeople(context: PeopleHost | undefined): PeopleHost {
  if (context) return context
  throw new SyncError(
    'POST_SYNC_UNAVAILABLE',
    'Matching needs the option "users", and a store that keeps matches',
  )
}

export async function settingsOf(
  { store }: Pick<PeopleHost, 'store'>,
  scope: Scope,
): Promise<PostSyncSettings> {
  const { connectorId, resourceType } = scope
  const config = await store.configs.get({ connectorId, resourceType })
  return config ? postSyncSettingsOf(config) : postSyncDefaults
}

export function postSyncHandle(require: Require, active: ActiveWork): Syncline['postSync'] {
  const run = async ({ connectorId, resourceType }: Scope): Promise<PostSyncRun> => {
    const context = require()
    const scope = { connectorId, resourceType }
    const ended = await runPostSync(context, { scope, settings: await settingsOf(context, scope) })
    await deliverQuietly(context)
    return ended
  }
  const apply = async (plan: PostSyncPlan, approvedBy?: string): Promise<PostSyncRun> => {
    const context = require()
    requirePlan(plan)
    const { tenantId } = await requireConnector(context.store, plan.connectorId)
    const settings = await settingsOf(context, plan)
    const ended = await applyPlan(context, { plan, tenantId, approvedBy, settings })
    await deliverQuietly(context)
    return ended
  }
  const undo: Syncline['postSync']['undo'] = async ({ actionId, by, tenantId }) => {
    const host = require()
    const action = await host.people.action(actionId)
    if (!action || (tenantId !== undefined && action.tenantId !== tenantId)) throw actionNotFound(actionId)
    return undoAction(await contextOf(host, action.connectorId), { action, by })
  }
  return {
    run: (scope) => active.track(run(scope)),
    async plan({ connectorId, resourceType }) {
      const context = await contextOf(require(), connectorId)
      const scope = { connectorId, resourceType }
      return planPostSync(context, { scope, settings: await settingsOf(context, scope) })
    },
    apply: (plan, { approvedBy } = {}) => active.track(apply(plan, approvedBy)),
    runs: async ({ limit = 20, connectorId, resourceType }) =>
      require().people.runs({ connectorId, resourceType, limit }),
    actions: async ({ limit = 100, ...query } = {}) => require().people.actions({ ...query, limit }),
    undo: (request) => active.track(undo(request)),
    deliver: async () => deliverJobs(require()),
  }
}

/** Jobs that cannot be handed over now are offered again later. */
export async function deliverQuietly(context: PeopleHost): Promise<void> {
  try {
    await deliverJobs(context)
  } catch (error) {
    context.logger.warn({ error }, 'workflow jobs not delivered')
  }
}

export function matchesHandle(require: Require): Syncline['matches'] {
  return {
    async list({ page, pageSize, ...query }) {
      const { people } = require()
      return paged(
        { page, pageSize },
        {
          find: (slice) => people.find({ ...query, ...slice }),
          count: (atMost) => people.count({ ...query, atMost }),
          // As for resources: counting every match of a search may take longer than a person waits.
          mostCounted: query.search ? mostCounted : undefined,
        },
      )
    },
    slice: async (query) => require().people.find(query),
    stats: async (scope) => require().people.stats(scope),
    get: async (ref) => requireMatch(require().people, ref),
    async resolve(request) {
      const host = require()
      requireResolution(request)
      const { action } = request
      const match = await requireMatch(host.people, request)
      const context = await contextOf(host, match.connectorId)
      if (action !== 'create') return resolveMatch(context, { ...request, action })
      const scope = { connectorId: match.connectorId, resourceType: match.resourceType }
      const settings = await settingsOf(context, scope)
      const firstProfile = compileFirstProfile(scope, settings)
      return createForMatch(context, { ...request, settings, firstProfile })
    },
    async unlink(request) {
      const host = require()
      requireResolution({ ...request, action: 'skip' })
      await requireMatch(host.people, request)
      return unlinkMatch(await contextOf(host, request.connectorId), request)
    },
    async bulkResolve(request) {
      const host = require()
      requireResolution(request)
      return { updated: await bulkResolve(await contextOf(host, request.connectorId), request) }
    },
  }
}
