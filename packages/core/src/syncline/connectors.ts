import { z } from 'zod'
import type { ConnectorRegistry } from '../connecting/connector-registry.ts'
import { SyncError } from '../errors.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { JsonObject } from '../model/json.ts'
import type { ConnectorContext } from '../ports/connector.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import { describeIssues } from './options.ts'
import type { Syncline } from './syncline.ts'

const inputSchema = z.strictObject({
  connectorId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  tenantId: z.string().min(1).max(255).default('default'),
  type: z.string(),
  name: z.string().min(1).max(255).optional(),
  config: z.record(z.string(), z.json()).default({}),
  credentialRef: z.string().min(1).max(255).optional(),
  status: z.enum(['active', 'paused']).default('active'),
})

/** Where the handles of a host's parts get what they need. */
export interface HandleContext {
  readonly store: Store
  readonly registry: ConnectorRegistry
  readonly logger: Logger
}

export function connectorsHandle({ store, registry, logger }: HandleContext): Syncline['connectors'] {
  return {
    async save(input) {
      const parsed = inputSchema.safeParse(input)
      if (!parsed.success)
        throw new SyncError('CONNECTOR_INVALID', `Connector: ${describeIssues(parsed.error)}`)
      const { name, config, ...rest } = parsed.data
      const definition = { ...rest, name: name ?? rest.connectorId, config: config as JsonObject }
      // Parsed to refuse it early; kept as given, so that the schema may transform it again next time.
      registry.config(definition)
      return store.connectors.save(definition)
    },
    get: (connectorId) => store.connectors.get(connectorId),
    list: (query = {}) => store.connectors.list(query),
    remove: (connectorId) => store.connectors.remove(connectorId),
    async check(connectorId) {
      const definition = await requireConnector(store, connectorId)
      const type = registry.type(definition.type)
      await type.check?.(connectorContext(definition, registry, logger))
    },
  }
}

/** @throws CONNECTOR_NOT_FOUND */
export async function requireConnector(store: Store, connectorId: string): Promise<ConnectorDefinition> {
  const definition = await store.connectors.get(connectorId)
  if (definition) return definition
  throw new SyncError('CONNECTOR_NOT_FOUND', `There is no connector "${connectorId}"; save it first`, {
    details: { connectorId },
  })
}

/** @throws CONNECTOR_TYPE_UNKNOWN, CONNECTOR_CONFIG_INVALID */
export function connectorContext(
  definition: ConnectorDefinition,
  registry: ConnectorRegistry,
  logger: Logger,
): ConnectorContext<unknown> {
  const { connectorId, tenantId } = definition
  return { connectorId, tenantId, config: registry.config(definition), logger }
}
