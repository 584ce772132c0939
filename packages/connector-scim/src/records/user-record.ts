import type { RecordDraft } from '@syncline/connector-http'
import type { ScimConfig } from '../config/config-schema.ts'
import { readMember, type ScimObject } from '../protocol/read-member.ts'
import { readReferences } from './references.ts'
import { resourceAttributes } from './resource-attributes.ts'

/** The record of a SCIM user. Its id is upstream's `id`; `externalId` of SCIM is an attribute. */
export function userRecord(item: ScimObject, { group }: ScimConfig): RecordDraft {
  const { displayName, ...attributes } = resourceAttributes(item)
  const { name, userName, emails } = attributes
  const listed = readMember(item, 'groups')
  if (Array.isArray(listed)) {
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

/** The primary one, else one of type `work`, else the first. */
function mainAddress(emails: unknown): unknown {
  const all: readonly unknown[] = Array.isArray(emails) ? emails : []
  const main =
    all.find((email) => readMember(email, 'primary') === true) ??
    all.find((email) => String(readMember(email, 'type')).toLowerCase() === 'work') ??
    all[0]
  return typeof main === 'string' ? main : (readMember(main, 'value') ?? null)
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
