import {
  type ErrorRule,
  type HttpCall,
  idText,
  type Paginator,
  path,
  readAll,
  readPath,
} from '@syncline/connector-http'
import type { JsonObject } from '@syncline/core'
import type { AuthifiConfig } from './config-schema.ts'
import { countedPages } from './counted-pages.ts'
import { pagesBy, unlikeConfig } from './paging.ts'

/** Each takes requests of its own, and a page must be whole within the engine's `callTimeoutMs`. */
const mostGroupsWithMembers = 25

export function groupsByPage(config: AuthifiConfig): Paginator {
  const pages = countedPages(config)
  if (!config.members) return pages
  return {
    readPage: (turn) => pages.readPage({ ...turn, pageSize: Math.min(turn.pageSize, mostGroupsWithMembers) }),
  }
}

const gone: ErrorRule = {
  status: [404, 410],
  action: 'retry',
  message: 'the group was listed, and its members are not there; see members.path of the config',
}

/** Adds the ids of a group's members as `members`, in an order that does not change by itself. */
export async function withMembers(group: JsonObject, call: HttpCall<AuthifiConfig>): Promise<JsonObject> {
  const { members } = call.config
  const groupId = idText(group.id)
  // A group without an id of its own is the engine's to refuse.
  if (!members || typeof groupId !== 'string' || groupId === '') return group
  const users = await readAll(call, {
    request: { path: members.path.replace('{groupId}', () => path`${groupId}`), errorRules: [gone] },
    paginator: pagesBy(call.config),
  })
  return { ...group, members: users.map(memberId).toSorted() }
}

function memberId(user: unknown): string {
  const id = idText(readPath(user, 'id'))
  if (typeof id === 'string') return id
  throw unlikeConfig('a member of a group has no id, or one beyond 2^53 − 1')
}
