import { SyncError } from '../errors.ts'
import { compileFilter } from '../filtering/compile-filter.ts'
import { hashRecipe } from '../hashing/record-hash.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { Scope } from '../model/scope.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import type { ResourceTypeDefinition } from '../ports/connector.ts'
import type { ConnectorOwner } from '../ports/connector-store.ts'
import type { SanitisedRecord } from '../records/sanitise-record.ts'
import { rulesMark } from '../sync/checkpoint.ts'
import type { Limits } from '../sync/limits.ts'
import type { RunJob } from '../sync/run-job.ts'
import { keptConfig } from './configs.ts'
import { type HandleContext, openConnector, requireConnector } from './connectors.ts'
import type { RunRequest } from './run-request.ts'
import type { SyncRequest } from './syncline.ts'

export interface LoadedScope {
  readonly definition: ConnectorDefinition
  readonly resource: ResourceTypeDefinition<unknown>
  readonly config: SyncConfig
  readonly passes: (record: SanitisedRecord) => boolean
}

/** Looks up and checks everything about a scope; a scope without a config gets one with the defaults. */
export async function loadScope(
  context: HandleContext,
  { connectorId, resourceType }: Scope,
  owner?: ConnectorOwner,
): Promise<LoadedScope> {
  return loadScopeOf(context, await requireConnector(context.store, connectorId, owner), resourceType)
}

/** The same for a connector that has been looked up. */
export async function loadScopeOf(
  context: HandleContext,
  definition: ConnectorDefinition,
  resourceType: string,
): Promise<LoadedScope> {
  const { registry, memberships } = context
  const { connectorId } = definition
  const resource = registry.resourceType(definition.type, resourceType)
  const config = await keptConfig(context, { connectorId, resourceType })
  const type = registry.type(definition.type)
  const membership = config.filterRules?.memberOfSyncedGroups
    ? await memberships.load({ connectorId, type, resourceType })
    : undefined
  return { definition, resource, config, passes: compileFilter(config.filterRules, membership) }
}

/** @throws CONNECTOR_PAUSED, INCREMENTAL_UNSUPPORTED */
export function checkRequest(
  { definition, resource, config }: LoadedScope,
  { mode }: Pick<SyncRequest, 'mode'>,
): void {
  if (definition.status === 'paused') {
    throw new SyncError(
      'CONNECTOR_PAUSED',
      `Connector "${definition.connectorId}" is paused; activate it to sync`,
    )
  }
  if (mode === 'incremental' && resource.incremental !== true) {
    throw new SyncError(
      'INCREMENTAL_UNSUPPORTED',
      `Connector type "${definition.type}" cannot list "${config.resourceType}" incrementally`,
    )
  }
}

export interface JobRequest extends RunRequest {
  readonly limits: Limits
  readonly runId: string
}

/** A job, and what ends its hold on the connector's credential. */
export interface PreparedJob {
  readonly job: RunJob
  readonly close: () => void
}

/** Checks a request and gathers what the engine needs. Nothing has been written when it throws. */
export async function prepareJob(context: HandleContext, job: JobRequest): Promise<PreparedJob> {
  const { request, tenantId, limits, runId, approval, queuedRunId, takePlan } = job
  const loaded = await loadScope(context, request, { tenantId })
  checkRequest(loaded, request)
  const { definition, resource, config, passes } = loaded
  const recipe = hashRecipe(config.volatilePaths)
  const rules = rulesMark({
    filterRules: config.filterRules,
    hashRecipe: recipe.id,
    connectorConfig: definition.config,
  })
  const connector = openConnector(context, definition)
  return {
    close: () => connector.close(),
    job: {
      definition,
      config,
      resource,
      context: connector.context,
      redactor: connector.redactor,
      recipe,
      passes,
      approval,
      signal: request.signal,
      plan: {
        runId,
        config,
        limits,
        rules,
        hashRecipe: recipe.id,
        mode: request.mode,
        restart: request.restart ?? false,
        queuedRunId,
        takePlan,
      },
    },
  }
}
