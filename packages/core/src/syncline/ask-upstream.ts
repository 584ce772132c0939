import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { ResourceRef } from '../model/scope.ts'
import type { SanitisedRecord } from '../records/sanitise-record.ts'
import { type CallContext, callConnector } from '../sync/call-connector.ts'
import { parseGetAnswer } from '../sync/get-answer.ts'
import { type HandleContext, openConnector } from './connectors.ts'

export interface UpstreamQuestion {
  readonly definition: ConnectorDefinition
  readonly ref: ResourceRef
  /** Ends the question and its retries. */
  readonly signal: AbortSignal
}

/** One record as the connector's `get` reads it now, checked; null when upstream has none. */
export async function askUpstream(
  { handles, calls }: { readonly handles: HandleContext; readonly calls: CallContext },
  { definition, ref, signal: ending }: UpstreamQuestion,
): Promise<SanitisedRecord | null> {
  const { externalId } = ref
  const resource = handles.registry.resourceType(definition.type, ref.resourceType)
  const connector = openConnector(handles, definition)
  const { context, redactor } = connector
  try {
    return await callConnector(calls, {
      command: `get of ${ref.resourceType}`,
      signal: ending,
      ask: async (signal) =>
        parseGetAnswer(await resource.get?.({ externalId, signal }, context), { externalId, redactor }),
      onRetry: (attempt, waitMs, error) =>
        context.logger.warn({ ...ref, attempt, waitMs, error }, 'asking for a resource again'),
    })
  } catch (error) {
    throw redactor.thrown(error)
  } finally {
    connector.close()
  }
}
