import type { RecordDraft } from '@syncline/connector-http'
import type { ScimConfig } from '../config/config-schema.ts'
import { readMember, type ScimObject } from '../protocol/read-member.ts'
import { readReferences } from './references.ts'
import { resourceAttributes } from './resource-attributes.ts'

/**
 * The record of a SCIM group. `members` holds ids of users, `memberGroups` those of groups; both are there also when
 * empty, unless members are not read.
 */
export function groupRecord(item: ScimObject, { group }: ScimConfig): RecordDraft {
  const { displayName, ...attributes } = resourceAttributes(item, 'members')
  if (group.members !== 'none') {
    const { groups, others } = readReferences(readMember(item, 'members'), group.endpoint)
    attributes.members = others
    attributes.memberGroups = groups
  }
  return { externalId: readMember(item, 'id'), displayName, email: null, attributes }
}
