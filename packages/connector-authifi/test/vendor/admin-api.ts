import type { Dialect } from './dialect.ts'
import type { Reply, Seen } from './exchange.ts'
import { applyFilter, readFilter } from './loopback-query.ts'
import type { Item, Tenant } from './tenant.ts'

export const notFound: Reply = { status: 404, body: { error: { statusCode: 404, name: 'NotFoundError' } } }
const badRequest: Reply = {
  status: 422,
  body: { error: { statusCode: 422, name: 'UnprocessableEntityError' } },
}
const forbidden: Reply = { status: 403, body: { error: { statusCode: 403, name: 'ForbiddenError' } } }

interface AdminCall {
  /** Below the tenant: `/users/17`. */
  readonly path: string
  readonly request: Seen
  readonly tenant: Tenant
  readonly scopes: readonly string[]
  readonly dialect: Dialect
}

/** Lists, counts and single objects of a tenant. */
export function answerAdmin(call: AdminCall): Reply {
  const { path, tenant, scopes, dialect } = call
  const collection = findCollection(path, tenant, dialect)
  if (!collection) return notFound
  const { name, items, rest } = collection
  if (dialect.wantsScopes && !scopes.includes(`auth.${name}.list`)) return forbidden
  if (rest === '') return list(call, [...items.values()])
  if (rest === '/count' && dialect.count) return { status: 200, body: dialect.count(items.size) }
  const item = items.get(Number(rest.slice(1)))
  return item ? { status: 200, body: item } : notFound
}

interface Collection {
  readonly name: string
  readonly items: ReadonlyMap<number, Item>
  /** What follows in the path. */
  readonly rest: string
}

function findCollection(
  path: string,
  tenant: Tenant,
  { rolesPath, membersPath }: Dialect,
): Collection | undefined {
  const [before, after] = membersPath
  const groupId =
    path.startsWith(before) && path.endsWith(after)
      ? path.slice(before.length, path.length - after.length)
      : ''
  const members = tenant.members.get(Number(groupId))
  if (members) {
    const users = members.flatMap((id) => tenant.users.get(id) ?? [])
    return { name: 'groups', items: new Map(users.map((user) => [user.id, user])), rest: '' }
  }
  const collections: readonly (readonly [string, Map<number, Item>])[] = [
    ['/users', tenant.users],
    ['/groups', tenant.groups],
    [rolesPath, tenant.roles],
  ]
  const found = collections.find(([at]) => path === at || path.startsWith(`${at}/`))
  if (!found) return undefined
  const [at, items] = found
  return { name: at.slice(1), items, rest: path.slice(at.length) }
}

function list({ request, dialect }: AdminCall, items: readonly Item[]): Reply {
  const { paging, filterParameter, filterStyle, tokenParameter, sizeParameter, mostPerPage, wrap } = dialect
  const { query } = request
  const known = [filterParameter, ...(paging === 'token' ? [tokenParameter, sizeParameter] : [])]
  const filter = readFilter(query, filterParameter)
  const unknown = [...query.keys()].find((name) => !known.includes(name.replace(/\[.*/, '')))
  const inStyle = query.has(filterParameter) ? 'json' : 'brackets'
  const filtered = [...query.keys()].some((name) => name.startsWith(filterParameter))
  if (unknown || !filter || (filtered && inStyle !== filterStyle)) return badRequest
  const matching = applyFilter(items, paging === 'filter' ? filter : { ...filter, limit: undefined })
  const from = Number(query.get(tokenParameter)?.replace('at:', '') ?? 0)
  const asked = paging === 'token' ? Number(query.get(sizeParameter)) : mostPerPage
  const to = from + Math.min(asked, mostPerPage)
  const next = paging === 'token' && to < matching.length ? `at:${to}` : undefined
  return { status: 200, body: wrap(paging === 'none' ? matching : matching.slice(from, to), next) }
}
