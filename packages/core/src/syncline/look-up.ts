import { SyncError } from '../errors.ts'
import type { FoundResource } from '../model/found-resource.ts'
import type { ResourceRef } from '../model/scope.ts'
import type { SanitisedRecord } from '../records/sanitise-record.ts'
import type { CallContext } from '../sync/call-connector.ts'
import { askUpstream } from './ask-upstream.ts'
import { type HandleContext, requireConnector } from './connectors.ts'

export interface LookUpContext {
  readonly handles: HandleContext
  readonly calls: CallContext
  /** Ends look-ups under way. */
  readonly stopping: AbortSignal
}

/** From the cache, else from upstream, else, where upstream cannot be asked for one resource, from the store. */
export function lookUpResource(context: LookUpContext, ref: ResourceRef): Promise<FoundResource | null> {
  const { connectorId, resourceType, externalId } = ref
  const asked = { connectorId, resourceType, externalId }
  return context.handles.cache.getOrFetch(asked, () => fetchResource(context, asked))
}

async function fetchResource(context: LookUpContext, ref: ResourceRef): Promise<FoundResource | null> {
  const { store, registry } = context.handles
  const definition = await requireConnector(store, ref.connectorId)
  const resource = registry.resourceType(definition.type, ref.resourceType)
  if (!resource.get) return readStored(context, ref)
  if (definition.status === 'paused') {
    throw new SyncError('CONNECTOR_PAUSED', `Connector "${ref.connectorId}" is paused; activate it`)
  }
  const record = await askUpstream(context, { definition, ref, signal: context.stopping })
  return record && foundResource(ref, record)
}

/** What is stale is no longer upstream. */
async function readStored({ handles }: LookUpContext, ref: ResourceRef): Promise<FoundResource | null> {
  const resource = await handles.store.resources.get(ref)
  if (!resource || resource.staleSince) return null
  const { displayName, email, attributes, parent } = resource
  return { ...ref, displayName, email, attributes, ...(parent && { parent }) }
}

const foundResource = (ref: ResourceRef, record: SanitisedRecord): FoundResource => {
  const { displayName, email, attributesJson, parent } = record
  return { ...ref, displayName, email, attributes: JSON.parse(attributesJson), ...(parent && { parent }) }
}
