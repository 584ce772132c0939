import { type HttpCall, path } from '@syncline/connector-http'
import { SyncError } from '@syncline/core'
import type { ScimConfig } from '../config/config-schema.ts'
import { type Capabilities, readCapabilities } from './capabilities.ts'
import { type ListResponse, readListResponse } from './list-response.ts'
import { isObject, readId, type ScimObject } from './read-member.ts'
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

/** One resource, and which attributes of it, separated by commas; what is undefined is not sent. */
interface ResourceQuery {
  readonly id: string
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
 * One resource by its id; undefined where there is none.
 * @throws CONNECTOR_ANSWER_INVALID for an answer without this id, which servers always give (RFC 7643, section 3.1)
 */
export async function requestResource(
  { send }: Call,
  endpoint: string,
  { id, ...query }: ResourceQuery,
): Promise<ScimObject | undefined> {
  const { body, empty } = await send({
    path: endpoint + path`/${id}`,
    query,
    errorRules: [{ status: [404, 410], action: 'empty' }],
  })
  if (empty) return undefined
  if (isObject(body) && readId(body) === id) return body
  throw invalid(`The answer of ${endpoint} to an id is not the resource of that id`)
}

/**
 * What the server can do.
 * @throws CONNECTOR_ANSWER_INVALID
 */
export async function requestCapabilities({ send, config }: Call): Promise<Capabilities> {
  const { body, empty } = await send({
    path: '/ServiceProviderConfig',
    errorRules: [{ status: [404, 405, 501], action: 'empty' }],
  })
  if (!empty && !isObject(body)) throw invalid('The answer of /ServiceProviderConfig is no object')
  return readCapabilities(empty ? undefined : body, config.supports)
}

const invalid = (message: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', message, { details: { failureType: 'system' } })
