import type { HttpRequest } from '@syncline/connector-http'
import type { AuthifiConfig } from './config-schema.ts'

type Value = string | number

/** A LoopBack filter: https://loopback.io/doc/en/lb4/Querying-data.html */
export interface LoopbackFilter {
  /** By field and operator, all of which must hold: `{ id: { gt: 17 } }`. */
  readonly where?: Readonly<Record<string, Readonly<Record<string, Value>>>>
  /** `id ASC` */
  readonly order?: string
  readonly limit?: number
}

/** The same request with more in its filter. */
export function withFilter(
  request: HttpRequest,
  added: LoopbackFilter,
  { parameter, style }: AuthifiConfig['filter'],
): HttpRequest {
  const { query } = request
  if (style === 'brackets') return { ...request, query: { ...query, ...bracketed(parameter, added) } }
  const before: LoopbackFilter = JSON.parse(String(query?.[parameter] ?? '{}'))
  const where = { ...before.where, ...added.where }
  const filter = { ...before, ...added, ...(Object.keys(where).length > 0 && { where }) }
  return { ...request, query: { ...query, [parameter]: JSON.stringify(filter) } }
}

/** `{ where: { id: { gt: 17 } } }` → `filter[where][id][gt]=17` */
function bracketed(name: string, value: LoopbackFilter | Value): Record<string, Value> {
  if (typeof value !== 'object') return { [name]: value }
  const parts = Object.entries(value).map(([key, part]) => bracketed(`${name}[${key}]`, part))
  return Object.assign({}, ...parts)
}
