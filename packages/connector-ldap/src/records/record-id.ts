import type { AttributeSource } from '../config/directory-map.ts'
import type { LdapEntry } from '../directory/ldap-entry.ts'
import { attributeValue } from '../values/attribute-value.ts'

/** An entry's external id. Undefined when it has none, several, or one that is no text: nobody could tell whose it is. */
export function recordId(entry: LdapEntry, id: AttributeSource): string | undefined {
  const value = attributeValue(entry.values(id.from), id.as)
  return typeof value === 'string' ? value : undefined
}
