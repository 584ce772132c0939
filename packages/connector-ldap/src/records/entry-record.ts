import type { UpstreamRecord } from '@syncline/core'
import type { AttributeSource, EntryMap } from '../config/directory-map.ts'
import type { LdapEntry } from '../directory/ldap-entry.ts'
import { attributeValue } from '../values/attribute-value.ts'
import { recordId } from './record-id.ts'

/** What a record is made of besides what its entry holds. */
type Extras = Readonly<Record<string, unknown>>

/** The record of an entry. One without an id gets the empty one: refusing records one by one is the engine's part. */
export function entryRecord(
  entry: LdapEntry,
  { id, map, extras }: { readonly id: AttributeSource; readonly map: EntryMap; readonly extras: Extras },
): UpstreamRecord {
  const attributes: Record<string, unknown> = { dn: entry.dn }
  for (const [name, { from, as }] of map.attributes) {
    const value = attributeValue(entry.values(from), as)
    if (value !== undefined) attributes[name] = value
  }
  for (const [name, value] of Object.entries(extras)) if (value !== undefined) attributes[name] = value
  return {
    // The engine refuses an empty id and remembers that there was one.
    externalId: recordId(entry, id) ?? '',
    displayName:
      map.displayName.flatMap((name) => entry.texts(name)).find((text) => text.trim() !== '') ?? entry.dn,
    // The first as the server lists them: the one its people take for the main address.
    email: entry.texts(map.email)[0] ?? null,
    attributes,
  }
}

/** LDAP attributes that records of a type are read from. */
export const recordSources = (id: AttributeSource, map: EntryMap): readonly string[] => [
  id.from,
  ...map.displayName,
  map.email,
  ...[...map.attributes.values()].map(({ from }) => from),
]
