import { checkPageRecords, type HttpCall, path } from '@syncline/connector-http'
import { isSyncError, SyncError } from '@syncline/core'
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

type Call = Pick<HttpCall<ScimConfig>, 'send' | 'config' | 'context'>

/** @throws CONNECTOR_ANSWER_INVALID, DELTA_EXPIRED, UPSTREAM_REJECTED, and what the HTTP kit throws */
export async function requestList(
  call: Call & { readonly request?: Parameters<typeof checkPageRecords>[1] | undefined },
  endpoint: string,
  query: ListQuery,
): Promise<ListResponse> {
  const response = await call.send({ path: endpoint, query: { ...query }, errorRules: [refusalRule] })
  const refusal = readRefusal(response)
  if (refusal) throw refusalError(endpoint, refusal)
  const page = readListResponse(response.body, endpoint)
  checkPageRecords(page.resources, call.request ?? { pageSize: query.count })
  return page
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
 * Finds out what the server can do. Where `supports` of the config answers everything, the server is not asked; where
 * only `maxResults` is missing, a server that refuses is taken to have no limit.
 * @throws CONNECTOR_ANSWER_INVALID, and what the HTTP kit throws
 */
export async function requestCapabilities({ send, config, context }: Call): Promise<Capabilities> {
  const { supports } = config
  const { filter, sort, cursorPaging, maxResults } = supports
  const isEnough = [filter, sort, cursorPaging].every((known) => known !== undefined)
  if (isEnough && maxResults !== undefined) return readCapabilities(undefined, supports)
  try {
    const { body, empty } = await send({
      path: '/ServiceProviderConfig',
      errorRules: [{ status: [404, 405, 501], action: 'empty' }],
    })
    if (!empty && !isObject(body)) throw invalid(`/ServiceProviderConfig is not an object; ${remedy}`)
    return readCapabilities(empty ? undefined : body, supports)
  } catch (error) {
    if (!isEnough || !isSyncError(error, 'UPSTREAM_REJECTED', 'UNAUTHORIZED', 'CONNECTOR_ANSWER_INVALID'))
      throw error
    const { connectorId, logger } = context
    logger.warn({ connectorId, error }, 'the SCIM server does not show its /ServiceProviderConfig')
    return readCapabilities(undefined, supports)
  }
}

const remedy = 'set supports of the config to do without it'

const invalid = (message: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', message, { details: { failureType: 'system' } })
