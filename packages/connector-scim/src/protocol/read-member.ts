import { idText } from '@syncline/connector-http'

/** A resource, or a part of one, as a server sent it. */
export type ScimObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is ScimObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An attribute by its name, whose case means nothing (RFC 7643, section 2.1). */
export function readMember(holder: unknown, name: string): unknown {
  if (!isObject(holder)) return undefined
  if (Object.hasOwn(holder, name)) return holder[name]
  const wanted = name.toLowerCase()
  const found = Object.keys(holder).find((key) => key.toLowerCase() === wanted)
  return found === undefined ? undefined : holder[found]
}

/** A whole number, also one that was sent as text. */
export function readCount(holder: unknown, name: string): number | undefined {
  const value = readMember(holder, name)
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** An id as text. Some servers send numbers; one that JavaScript has rounded is nobody's. */
export function readId(holder: unknown, name = 'id'): string | undefined {
  const id = idText(readMember(holder, name))
  return typeof id === 'string' && id !== '' ? id : undefined
}

/**
 * The values of an attribute that may have several: one that is not in a list is a list of one. Undefined where there
 * are none; null is none, too (RFC 7643, section 2.5).
 */
export function valuesOf(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null) return undefined
  return Array.isArray(value) ? value : [value]
}

/** Text that holds more than blanks. */
export const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
