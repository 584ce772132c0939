import {
  type HttpResponse,
  type Paginator,
  paginate,
  readPath,
  withParameter,
} from '@syncline/connector-http'
import { SyncError } from '@syncline/core'
import type { AuthifiConfig } from './config-schema.ts'
import { withFilter } from './loopback-filter.ts'

/** How the pages of a listing are found, by the config's `paging.mode`. */
export function pagesBy(config: AuthifiConfig): Paginator {
  const { paging, listField } = config
  const pages = paging.mode === 'keyset' ? keyset(config) : paging.mode === 'token' ? tokens(paging) : whole()
  return {
    readPage: (turn) => pages.readPage({ ...turn, select: (response) => listIn(response, listField) }),
  }
}

/** Ends with an empty page: one with fewer records than asked for may be as many as the server gives at once. */
const keyset = ({ filter }: AuthifiConfig): Paginator =>
  paginate({
    apply(request, { cursor, pageSize }) {
      const where = cursor === undefined ? {} : { id: { gt: parseId(cursor) } }
      return withFilter(request, { where, order: 'id ASC', limit: pageSize }, filter)
    },
    next: ({ items, cursor, pageSize }) => lastId(items, { after: cursor, atMost: pageSize }),
  })

type TokenPaging = Extract<AuthifiConfig['paging'], { mode: 'token' }>

const tokens = ({ tokenParameter, sizeParameter, tokenField }: TokenPaging): Paginator =>
  paginate({
    apply(request, { cursor, pageSize }) {
      const sized = withParameter(request, { name: sizeParameter, value: pageSize })
      return cursor === undefined ? sized : withParameter(sized, { name: tokenParameter, value: cursor })
    },
    next({ response }) {
      if (Array.isArray(response.body)) throw unlikeConfig('it is a bare list, which cannot hold a token')
      return tokenIn(response, tokenField)
    },
  })

const whole = (): Paginator =>
  paginate({
    apply: (request) => request,
    next({ response }) {
      if (tokenIn(response) !== undefined) throw unlikeConfig('it names a next page')
      return undefined
    },
  })

/**
 * The cursor of the page after these. Proves that the server keeps to the filter: were a page unordered, or not
 * behind the one before, someone would be passed over.
 */
function lastId(
  items: readonly unknown[],
  asked: { readonly after: string | undefined; readonly atMost: number },
): string | undefined {
  if (items.length === 0) return undefined
  if (items.length > asked.atMost) throw unlikeConfig('it holds more records than were asked for')
  const ids = items.map((item) => readPath(item, 'id')).filter((id) => typeof id === 'number')
  for (const [index, id] of ids.entries()) {
    const before = ids[index - 1] ?? (asked.after === undefined ? -1 : parseId(asked.after))
    if (id <= before) throw unlikeConfig('its records do not come in the order of their ids')
  }
  const last = readPath(items.at(-1), 'id')
  if (Number.isSafeInteger(last)) return String(last)
  throw unlikeConfig('the id of its last record is no whole number up to 2^53 − 1')
}

function parseId(cursor: string): number {
  const id = Number(cursor)
  if (/^\d+$/.test(cursor) && Number.isSafeInteger(id)) return id
  throw new SyncError('DELTA_EXPIRED', 'The cursor is none of paging.mode "keyset"; a full listing begins')
}

function tokenIn({ body }: HttpResponse, tokenField?: string): string | undefined {
  const fields = tokenField === undefined ? ['nextCursor', 'next'] : [tokenField]
  const found = fields.map((field) => readPath(body, field)).find((value) => value != null && value !== '')
  if (found === undefined || typeof found === 'string') return found
  if (typeof found === 'number' && Number.isSafeInteger(found)) return String(found)
  throw unlikeConfig(`its ${fields.join(' or ')} is neither text nor a whole number`)
}

/** @throws CONNECTOR_ANSWER_INVALID where there is no list: what is missing is never taken for an empty page */
function listIn({ body }: HttpResponse, listField: string | undefined): readonly unknown[] {
  const fields = listField === undefined ? ['', 'data', 'items', 'results'] : [listField]
  const found = fields.map((field) => readPath(body, field)).find((value) => Array.isArray(value))
  if (found) return found
  throw unlikeConfig(listField === undefined ? 'there is no list in it' : `there is no list at ${listField}`)
}

/** What Authifi answers is not public: where it differs from the config nothing may be believed. */
export const unlikeConfig = (how: string): SyncError =>
  new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `Authifi's answer is not what the config says (paging, filter, listField): ${how}`,
    { details: { failureType: 'config' } },
  )
