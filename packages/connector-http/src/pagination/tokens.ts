import { SyncError } from '@syncline/core'
import { type Path, readPath, showPath } from '../records/read-path.ts'
import type { HttpRequest } from '../requests/http-request.ts'
import { type ParameterPlace, withParameter } from '../requests/with-parameter.ts'
import { type Paginator, paginate, type ReceivedPage } from './paginator.ts'

interface TokenOptions {
  /** How the token is written into the next request: the parameter's name, or a function. */
  readonly token: string | ((request: HttpRequest, token: string) => HttpRequest)
  /** Name of the parameter for the number of records wanted. @default none is sent */
  readonly size?: string | undefined
  /** The most records upstream gives in a page. */
  readonly maxPageSize?: number | undefined
  /** Where parameters are written. @default 'query' */
  readonly place?: ParameterPlace | undefined
}

/** The answer's body holds the token of the next page; null, an empty string or nothing there is the end. */
export function bodyToken(options: TokenOptions & { readonly from: Path }): Paginator {
  return byToken(options, ({ response }) => tokenAt(response.body, options.from))
}

/** A header of the answer holds the token of the next page; an empty one or none is the end. */
export function headerToken(options: TokenOptions & { readonly header: string }): Paginator {
  return byToken(options, ({ response }) => response.header(options.header))
}

/**
 * GraphQL connections: `pageInfo { hasNextPage endCursor }` of the answer becomes a variable of the next request,
 * whose JSON body is `{ query, variables }`.
 * @param options `variable` @default 'after'; `size` @default 'first'
 */
export function graphqlPageInfo(options: {
  /** Where `pageInfo` is in the answer: `'data.users.pageInfo'`. */
  readonly pageInfo: Path
  readonly variable?: string | undefined
  readonly size?: string | undefined
  readonly maxPageSize?: number | undefined
}): Paginator {
  const { pageInfo, variable = 'after', size = 'first', maxPageSize } = options
  return paginate({
    maxPageSize,
    apply: (request, { cursor, pageSize }) =>
      withVariables(request, { [size]: pageSize, ...(cursor === undefined ? {} : { [variable]: cursor }) }),
    next({ response }) {
      const info = readPath(response.body, pageInfo)
      const hasNext = readPath(info, 'hasNextPage')
      if (typeof hasNext !== 'boolean') throw noToken(`hasNextPage at ${showPath(pageInfo)}`)
      if (!hasNext) return undefined
      const token = tokenAt(info, 'endCursor')
      if (token === undefined) throw noToken(`endCursor at ${showPath(pageInfo)}`)
      return token
    },
  })
}

function byToken(
  { token, size, place, maxPageSize }: TokenOptions,
  next: (page: ReceivedPage) => string | undefined,
): Paginator {
  const write =
    typeof token === 'function'
      ? token
      : (request: HttpRequest, value: string) => withParameter(request, { name: token, value, place })
  return paginate({
    maxPageSize,
    apply(request, { cursor, pageSize }) {
      const sized =
        size === undefined ? request : withParameter(request, { name: size, value: pageSize, place })
      return cursor === undefined ? sized : write(sized, cursor)
    },
    next,
  })
}

function tokenAt(body: unknown, path: Path): string | undefined {
  const value = readPath(body, path)
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  throw noToken(`token at ${showPath(path)}`)
}

function withVariables(request: HttpRequest, added: Readonly<Record<string, unknown>>): HttpRequest {
  const body = typeof request.json === 'object' ? request.json : undefined
  const variables = readPath(body, 'variables')
  return {
    ...request,
    json: { ...body, variables: { ...(typeof variables === 'object' ? variables : undefined), ...added } },
  }
}

const noToken = (what: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', `Upstream's answer has no readable ${what}`, {
    details: { failureType: 'system' },
  })
