import type { RecordDraft } from '@syncline/connector-http'
import type { ScimConfig } from '../config/config-schema.ts'
import { isObject, isText, readMember, type ScimObject, valuesOf } from '../protocol/read-member.ts'
import { readReferences } from './references.ts'
import { resourceAttributes } from './resource-attributes.ts'

/** The record of a SCIM user. Its id is upstream's `id`; `externalId` of SCIM is an attribute. */
export function userRecord(item: ScimObject, { group }: ScimConfig): RecordDraft {
  const { displayName, ...attributes } = resourceAttributes(item, 'groups')
  const { name, userName, emails } = attributes
  const listed = valuesOf(readMember(item, 'groups'))
  if (listed) {
    const { groups, others } = readReferences(listed, group.endpoint)
    attributes.groups = [...groups, ...others].toSorted()
  }
  return {
    externalId: readMember(item, 'id'),
    displayName: [displayName, readMember(name, 'formatted'), fullName(name), userName].find(isText),
    email: mainAddress(emails),
    attributes,
  }
}

const fullName = (name: unknown): string =>
  [readMember(name, 'givenName'), readMember(name, 'familyName')].filter(isText).join(' ')

/**
 * The first address that holds text: of the primary ones, else of those of type `work`, else of all. Where none does,
 * what stands there instead, for the engine to refuse; null where there is nothing.
 */
function mainAddress(emails: unknown): unknown {
  const all = valuesOf(emails) ?? []
  const addresses = [
    ...all.filter((email) => readMember(email, 'primary') === true),
    ...all.filter((email) => String(readMember(email, 'type')).toLowerCase() === 'work'),
    ...all,
  ].map((email) => (isObject(email) ? readMember(email, 'value') : email))
  const isThere = (value: unknown): boolean =>
    typeof value !== 'string' && value !== undefined && value !== null
  return addresses.find(isText) ?? addresses.find(isThere) ?? null
}
