import { SyncError } from '../errors.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { ConnectorType, ResourceTypeDefinition } from '../ports/connector.ts'

/** The connector types a host registered, by name. */
export interface ConnectorRegistry {
  /** @throws CONNECTOR_TYPE_UNKNOWN */
  type(name: string): ConnectorType
  /** @throws CONNECTOR_TYPE_UNKNOWN, RESOURCE_TYPE_UNKNOWN */
  resourceType(typeName: string, resourceType: string): ResourceTypeDefinition<unknown>
  /** The connector's config as its type's schema parses it. @throws CONNECTOR_CONFIG_INVALID */
  config(definition: Pick<ConnectorDefinition, 'connectorId' | 'type' | 'config'>): unknown
}

/** @throws CONNECTOR_TYPE_DUPLICATE when two types share a name */
export function createConnectorRegistry(types: readonly ConnectorType[]): ConnectorRegistry {
  const byName = new Map<string, ConnectorType>()
  for (const type of types) {
    if (byName.has(type.type)) {
      throw new SyncError(
        'CONNECTOR_TYPE_DUPLICATE',
        `Two connector types are called "${type.type}"; rename one`,
      )
    }
    byName.set(type.type, type)
  }

  const find = (name: string): ConnectorType => {
    const found = byName.get(name)
    if (found) return found
    const known = [...byName.keys()].join(', ') || 'none'
    throw new SyncError(
      'CONNECTOR_TYPE_UNKNOWN',
      `Connector type "${name}" is not registered (registered: ${known}); pass it in connectorTypes`,
      { details: { type: name } },
    )
  }

  return {
    type: find,
    resourceType(typeName, resourceType) {
      const { resourceTypes } = find(typeName)
      const found = Object.hasOwn(resourceTypes, resourceType) ? resourceTypes[resourceType] : undefined
      if (found) return found
      throw new SyncError(
        'RESOURCE_TYPE_UNKNOWN',
        `Connector type "${typeName}" lists no "${resourceType}" (it lists: ${Object.keys(resourceTypes).join(', ')})`,
        { details: { type: typeName, resourceType } },
      )
    },
    config(definition) {
      const parsed = find(definition.type).configSchema.safeParse(definition.config)
      if (parsed.success) return parsed.data
      const problems = parsed.error.issues.map(
        (issue) => `${issue.path.map(String).join('.') || 'config'}: ${issue.message}`,
      )
      throw new SyncError(
        'CONNECTOR_CONFIG_INVALID',
        `Config of connector "${definition.connectorId}" (${definition.type}): ${problems.join('; ')}`,
        { details: { connectorId: definition.connectorId, problems } },
      )
    },
  }
}
