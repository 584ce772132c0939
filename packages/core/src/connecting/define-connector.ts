import { SyncError } from '../errors.ts'
import type { ConnectorType } from '../ports/connector.ts'

const namePattern = /^[a-z][a-z0-9_-]{0,63}$/

/**
 * Declares a connector type. Checks what can be checked now, so that a mistake shows where it was made.
 *
 * ```ts
 * export const acme = defineConnector({
 *   type: 'acme',
 *   displayName: 'Acme Directory',
 *   configSchema: z.object({ baseUrl: z.url() }),
 *   resourceTypes: { user: { list: listUsers, incremental: true } },
 * })
 * ```
 * @throws CONNECTOR_TYPE_INVALID
 */
export function defineConnector<Config>(definition: ConnectorType<Config>): ConnectorType<Config> {
  const refuse = (what: string): never => {
    throw new SyncError(
      'CONNECTOR_TYPE_INVALID',
      `Connector type ${JSON.stringify(definition.type)}: ${what}`,
    )
  }
  if (!namePattern.test(definition.type)) refuse(`the type must match ${namePattern.source}`)
  if (typeof definition.configSchema?.safeParse !== 'function') refuse('configSchema must be a zod schema')
  const resourceTypes = Object.entries(definition.resourceTypes ?? {})
  if (resourceTypes.length === 0) refuse('resourceTypes must name at least one resource type')
  for (const [resourceType, declared] of resourceTypes) {
    if (!namePattern.test(resourceType)) {
      refuse(`resource type ${JSON.stringify(resourceType)} must match ${namePattern.source}`)
    }
    if (typeof declared.list !== 'function') refuse(`resource type ${resourceType} needs a list function`)
    if (declared.get !== undefined && typeof declared.get !== 'function') {
      refuse(`get of resource type ${resourceType} must be a function`)
    }
  }
  if (definition.verifyWebhook !== undefined && typeof definition.verifyWebhook !== 'function') {
    refuse('verifyWebhook must be a function')
  }
  return definition
}
