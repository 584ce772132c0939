import { canBeInPath, type HttpCall } from '@syncline/connector-http'
import { SyncError } from '@syncline/core'
import type { ScimConfig } from '../config/config-schema.ts'
import { readId, readMember, type ScimObject } from '../protocol/read-member.ts'
import { requestResource } from '../protocol/scim-requests.ts'
import { groupRecord } from '../records/group-record.ts'
import { userRecord } from '../records/user-record.ts'
import type { ListedType } from './list-call.ts'

export const listedUsers: ListedType = {
  resourceType: 'user',
  maxPageSize: 1_000,
  settings: ({ user }) => user,
  complete: async (item) => item,
  toRecord: userRecord,
}

export const listedGroups: ListedType = {
  resourceType: 'group',
  // Each may take a request of its own, and a page must come within the engine's deadline.
  maxPageSize: 100,
  settings: ({ group }) =>
    group.members === 'fetched' || group.members === 'none' ? withoutMembers(group) : group,
  complete: withMembers,
  toRecord: groupRecord,
}

function withoutMembers(group: ScimConfig['group']): ScimConfig['group'] {
  const { attributes, excludedAttributes = [] } = group
  if (attributes === undefined) return { ...group, excludedAttributes: [...excludedAttributes, 'members'] }
  return { ...group, attributes: attributes.filter((name) => name.toLowerCase() !== 'members') }
}

/** Stands for members that cannot be read: the engine quarantines the group. */
const unreadableMembers = [{}]

/**
 * Asks for a group's members where the list does not show them.
 * @throws UPSTREAM_UNAVAILABLE when the group is gone: it was there just now, and the page is worth another try
 */
async function withMembers(item: ScimObject, call: HttpCall<ScimConfig>): Promise<ScimObject> {
  const { endpoint, members } = call.config.group
  const id = readId(item)
  const listed = readMember(item, 'members') ?? undefined
  const fetches = members === 'fetched' || (members === 'auto' && listed === undefined)
  if (!fetches || id === undefined) return item
  if (!canBeInPath(id)) return { ...item, members: unreadableMembers }
  const whole = await requestResource(call, endpoint, { id, attributes: 'members' })
  if (whole) return { ...item, members: readMember(whole, 'members') ?? [] }
  throw new SyncError('UPSTREAM_UNAVAILABLE', `A group of ${endpoint} is listed, and not there by its id`, {
    details: { failureType: 'transient' },
  })
}
