import { hasControlCharacter } from '../config/control-characters.ts'
import type { AttributeSource } from '../config/directory-map.ts'
import type { LdapEntry } from '../directory/ldap-entry.ts'
import { attributeValue, isOfKind } from '../values/attribute-value.ts'

/**
 * Reads an entry's external id. Returns undefined when it has none, several, one that is not of its kind, or one with
 * control characters, which is bytes that happen to be text.
 */
export function recordId(entry: LdapEntry, { from, as }: AttributeSource): string | undefined {
  const values = entry.values(from)
  if (!values.every((value) => isOfKind(value, as))) return undefined
  const id = attributeValue(values, as)
  return typeof id === 'string' && !hasControlCharacter(id) ? id : undefined
}
