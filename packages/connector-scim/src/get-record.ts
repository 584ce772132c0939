import type { HttpCall } from '@syncline/connector-http'
import type { UpstreamRecord } from '@syncline/core'
import type { ScimConfig } from './config/config-schema.ts'
import type { ListedType } from './listing/list-call.ts'
import { toRecord } from './listing/to-record.ts'
import { requestResource } from './protocol/scim-requests.ts'

/**
 * One record by its id, as listings have it; undefined where there is none. The config's `filter` is not applied.
 * @throws CONNECTOR_ANSWER_INVALID for another resource, and what the HTTP kit throws
 */
export async function getRecord(
  type: ListedType,
  id: string,
  call: HttpCall<ScimConfig>,
): Promise<UpstreamRecord | undefined> {
  const { endpoint, attributes, excludedAttributes } = type.settings(call.config)
  const item = await requestResource(call, endpoint, {
    id,
    attributes: attributes?.join(','),
    excludedAttributes: excludedAttributes?.join(','),
  })
  return item && toRecord(type, await type.complete(item, call), call.config)
}
