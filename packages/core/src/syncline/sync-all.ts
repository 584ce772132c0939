import pLimit from 'p-limit'
import { isSyncError, SyncError } from '../errors.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { Run, RunError } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import type { RunRequest } from './run-request.ts'
import type { ConnectorOutcome, ScopeOutcome, SyncAllRequest, Syncline } from './syncline.ts'

type Execute = (request: RunRequest) => Promise<Run>

/**
 * Syncs every configured scope. Connectors go side by side, as many of a tenant as it may have runs; within one,
 * groups come first, because filters of users may ask for them. What one connector meets never ends another's runs.
 */
export function syncAllOf(engine: EngineContext, execute: Execute): Syncline['syncAll'] {
  return async (request = {}) => {
    const ofTenant = new Map<string, ReturnType<typeof pLimit>>()
    const work = await connectorsToSync(engine, request)
    return Promise.all(
      work.map(({ connector, scopes }) => {
        const { tenantId } = connector
        const limit = ofTenant.get(tenantId) ?? pLimit(engine.limits.maxConcurrentPerTenant)
        ofTenant.set(tenantId, limit)
        return limit(() => syncConnector(engine, execute, { connector, scopes, request }))
      }),
    )
  }
}

interface ConnectorWork {
  readonly connector: ConnectorDefinition
  readonly scopes: readonly Scope[]
}

async function connectorsToSync(
  { store }: EngineContext,
  { tenantId, connectorIds }: SyncAllRequest,
): Promise<readonly ConnectorWork[]> {
  const [connectors, configs] = await Promise.all([
    store.connectors.list({ tenantId }),
    store.configs.list({}),
  ])
  const known = new Set(connectors.map(({ connectorId }) => connectorId))
  const unknown = connectorIds?.find((connectorId) => !known.has(connectorId))
  if (unknown !== undefined) {
    throw new SyncError(
      'CONNECTOR_NOT_FOUND',
      `There is no connector "${unknown}"${tenantId === undefined ? '' : ` of tenant "${tenantId}"`}; nothing was synced`,
      { details: { connectorId: unknown } },
    )
  }
  return connectors
    .filter(({ connectorId, status }) => connectorIds?.includes(connectorId) ?? status === 'active')
    .map((connector) => ({
      connector,
      scopes: configs
        .filter(({ connectorId }) => connectorId === connector.connectorId)
        .map(({ connectorId, resourceType }) => ({ connectorId, resourceType }))
        .toSorted((one, two) => Number(two.resourceType === 'group') - Number(one.resourceType === 'group')),
    }))
    .filter(({ scopes }) => scopes.length > 0)
}

async function syncConnector(
  engine: EngineContext,
  execute: Execute,
  { connector, scopes, request }: ConnectorWork & { readonly request: SyncAllRequest },
): Promise<ConnectorOutcome> {
  const { connectorId, tenantId } = connector
  const outcomes: ScopeOutcome[] = []
  for (const scope of scopes) outcomes.push(await syncScope(engine, execute, { ...request, tenantId, scope }))
  return { connectorId, tenantId, outcome: outcomeOf(outcomes), scopes: outcomes }
}

const tenantBusyMs = 5_000

async function syncScope(
  engine: EngineContext,
  execute: Execute,
  { scope, tenantId, mode, restart, signal }: SyncAllRequest & { readonly scope: Scope },
): Promise<ScopeOutcome> {
  const { resourceType } = scope
  for (;;) {
    try {
      signal?.throwIfAborted()
      const run = await execute({ tenantId, request: { ...scope, mode, restart, signal } })
      return { resourceType, run }
    } catch (error) {
      if (!isSyncError(error, 'TENANT_LIMIT_REACHED')) {
        return { resourceType, error: errorOf(error, signal?.aborted === true) }
      }
    }
    // Other processes have the tenant's places; there will be one.
    await engine.clock.sleep(tenantBusyMs, signal).catch(() => undefined)
    await engine.nextTurn()
  }
}

function errorOf(thrown: unknown, cancelled: boolean): RunError {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (!isSyncError(thrown)) return { code: cancelled ? 'RUN_CANCELLED' : 'INTERNAL', message }
  const { code, details } = thrown
  return { code, message, ...(details && { details }) }
}

/** All of it, some of it, nothing of it. */
function outcomeOf(scopes: readonly ScopeOutcome[]): ConnectorOutcome['outcome'] {
  if (scopes.every(({ run }) => run?.status === 'success')) return 'success'
  const came = scopes.some(({ run }) => run && ['success', 'partial', 'guarded'].includes(run.status))
  return came ? 'partial' : 'failed'
}
