import { canonicalJson } from '@syncline/core'
import { isObject, type ScimObject } from '../protocol/read-member.ts'
import { canonicalName } from './canonical-names.ts'

/**
 * Returns a value in the one form that all its spellings share: names in the case of the RFC, several values in one
 * order, because theirs means nothing, nothing that is unassigned, no links and no passwords. Undefined when nothing is
 * left.
 */
export function canonicalValue(value: unknown): unknown {
  if (Array.isArray(value)) return canonicalList(value)
  if (isObject(value)) {
    const object = canonicalObject(value)
    return Object.keys(object).length === 0 ? undefined : object
  }
  return value === null ? undefined : value
}

/** Returns the attributes of a resource in their canonical form. */
export function canonicalObject(source: ScimObject): Record<string, unknown> {
  const entries = Object.entries(source).map(([name, value]) => [canonicalName(name), value] as const)
  return Object.fromEntries(
    entries
      // Links name the host, and tell nothing that the value does not.
      .filter(([name]) => name !== '$ref' && !isPassword(name))
      .map(([name, value]) => [name, switches.has(name) ? booleanOf(value) : canonicalValue(value)])
      .filter(([, value]) => value !== undefined),
  )
}

function canonicalList(values: readonly unknown[]): unknown {
  const kept = values.map(canonicalValue).filter((value) => value !== undefined)
  if (kept.length === 0) return undefined
  return kept
    .map((value) => ({ value, text: canonicalJson(value) }))
    .toSorted((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ value }) => value)
}

/** Must not be stored even if a server shows it, at any level and under any schema: `urn:…:User:password`. */
export const isPassword = (name: string): boolean => name.split(/[:.]/).at(-1)?.toLowerCase() === 'password'

/** Microsoft's and others' servers write these as text. */
const switches = new Set(['active', 'primary'])

function booleanOf(value: unknown): unknown {
  if (typeof value !== 'string' || !/^(true|false)$/i.test(value)) return value ?? undefined
  return value.toLowerCase() === 'true'
}
