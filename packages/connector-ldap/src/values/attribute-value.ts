import type { JsonValue } from '@syncline/core'
import type { ValueKind } from '../config/config-schema.ts'
import { parseFiletime } from './filetime.ts'
import { parseGeneralizedTime } from './generalized-time.ts'
import { guidText } from './guid.ts'
import { sidText } from './sid.ts'

/**
 * The values of an LDAP attribute as JSON. An attribute is a set: several values are sorted, so that the order a
 * server happens to use is never a change. A value that is not of its kind stays as text, and one that is no text
 * becomes `{ base64 }`: nothing is dropped. Undefined without values.
 */
export function attributeValue(values: readonly Buffer[], as: ValueKind): JsonValue | undefined {
  if (values.length === 0) return undefined
  const converted = values.map((value) => {
    const read = converters[as](value)
    return read === undefined ? asText(value) : read
  })
  const [only] = converted
  if (as !== 'list' && converted.length === 1) return only
  return converted.toSorted((left, right) => compare(JSON.stringify(left), JSON.stringify(right)))
}

/** Whether the bytes are a value of the kind, not kept as text for want of anything better. */
export const isOfKind = (value: Buffer, as: ValueKind): boolean => {
  const read = converters[as](value)
  return read !== undefined && !(as === 'text' && valueText(value) === undefined)
}

/** The value as text, or undefined when its bytes are not UTF-8. */
export function valueText(value: Buffer): string | undefined {
  try {
    return utf8.decode(value)
  } catch {
    return undefined
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const asText = (value: Buffer): JsonValue => valueText(value) ?? { base64: value.toString('base64') }

const converters: Readonly<Record<ValueKind, (value: Buffer) => JsonValue | undefined>> = {
  text: asText,
  list: asText,
  boolean: (value) => booleans.get(valueText(value)?.toUpperCase() ?? ''),
  integer: (value) => toInteger(valueText(value) ?? ''),
  time: (value) => parseGeneralizedTime(valueText(value) ?? ''),
  filetime: (value) => parseFiletime(valueText(value) ?? ''),
  guid: guidText,
  sid: sidText,
  base64: (value) => value.toString('base64'),
}

const booleans = new Map([
  ['TRUE', true],
  ['FALSE', false],
])

/** A number that JavaScript cannot hold exactly stays text. */
function toInteger(text: string): number | undefined {
  const number = Number(text)
  return /^-?\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
