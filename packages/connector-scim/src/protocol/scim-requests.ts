import { type HttpCall, path } from '@syncline/connector-http'
import { SyncError } from '@syncline/core'
import type { ScimConfig } from '../config/config-schema.ts'
import { type Capabilities, readCapabilities } from './capabilities.ts'
import { type ListResponse, readListResponse } from './list-response.ts'
import { isObject, type ScimObject } from './read-member.ts'
import { readRefusal, refusalError, refusalRule } from './scim-refusal.ts'

/** Everything a listing is asked with; what is undefined is not sent. */
export interface ListQuery {
  readonly startIndex?: number | undefined
  /** The empty text asks for the first page. */
  readonly cursor?: string | undefined
  readonly count: number
  readonly filter?: string | undefined
  readonly sortBy?: string | undefined
  /** Separated by commas. */
  readonly attributes?: string | undefined
  readonly excludedAttributes?: string | undefined
}

type Call = Pick<HttpCall<ScimConfig>, 'send' | 'config'>

/** @throws CONNECTOR_ANSWER_INVALID, DELTA_EXPIRED, UPSTREAM_REJECTED, and what the HTTP kit throws */
export async function requestList({ send }: Call, endpoint: string, query: ListQuery): Promise<ListResponse> {
  const response = await send({ path: endpoint, query: { ...query }, errorRules: [refusalRule] })
  const refusal = readRefusal(response)
  if (refusal) throw refusalError(endpoint, refusal)
  return readListResponse(response.body, endpoint)
}

/**
 * One resource by its id.
 * @throws UPSTREAM_UNAVAILABLE when it is not there: it was listed just now, and the listing is worth another try
 */
export async function requestResource(
  { send }: Call,
  endpoint: string,
  request: { readonly id: string; readonly attributes?: string; readonly excludedAttributes?: string },
): Promise<ScimObject> {
  const { id, ...query } = request
  const { body } = await send({
    path: endpoint + path`/${id}`,
    query,
    errorRules: [
      {
        status: [404, 410],
        action: 'retry',
        message: 'it was listed, and is not there when asked for by its id',
      },
    ],
  })
  if (isObject(body)) return body
  throw new SyncError('CONNECTOR_ANSWER_INVALID', `The answer of ${endpoint} to an id is no SCIM resource`, {
    details: { failureType: 'system' },
  })
}

/** What the server can do. */
export async function requestCapabilities({ send, config }: Call): Promise<Capabilities> {
  const { body } = await send({
    path: '/ServiceProviderConfig',
    errorRules: [{ status: [404, 405, 501], action: 'empty' }],
  })
  return readCapabilities(body, config.supports)
}
