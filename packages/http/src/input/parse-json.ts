import { requestInvalid } from '../problems/request-invalid.ts'

/** As deep as what the store keeps. */
const maxDepth = 64
/** More than the longest lists of any route need. Bounds the work of schemas, whatever is wrong with the values. */
const maxValues = 50_000

/**
 * The value of a JSON body. The one parser of the API: UTF-8 only, at most 64 levels deep, at most
 * 50,000 values, no NUL, no lone surrogates,
 * no names that reach for prototypes.
 * @throws REQUEST_INVALID
 */
export function parseJson(bytes: Uint8Array): unknown {
  // Before it is parsed: walking it later may not go deeper than the stack.
  refuseExcess(bytes)
  const value = parse(decode(bytes))
  refuseUnsafe(value)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw requestInvalid('body', 'it is not UTF-8')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw requestInvalid('body', 'it is not JSON')
  }
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace, comma] = [
  34, 92, 91, 93, 123, 125, 44,
]

/** All that matters is ASCII, so bytes are as good as letters. Each value but the first follows a comma or a bracket. */
function refuseExcess(bytes: Uint8Array): void {
  let depth = 0
  let values = 1
  let inText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) inText = !inText
    else if (inText && byte === backslash) at += 1
    else if (inText) continue
    else if (byte === comma) values += 1
    else if (byte === openBracket || byte === openBrace) {
      depth += 1
      values += 1
    } else if (byte === closeBracket || byte === closeBrace) depth -= 1
    if (depth > maxDepth) throw requestInvalid('body', `it is nested deeper than ${maxDepth} levels`)
    if (values > maxValues) throw requestInvalid('body', `it has more than ${maxValues} values`)
  }
}

function refuseUnsafe(value: unknown): void {
  if (typeof value === 'string') requireText(value)
  else if (Array.isArray(value)) value.forEach(refuseUnsafe)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      requireText(name)
      if (name === '__proto__' || (name === 'constructor' && hasPrototype(member))) {
        throw requestInvalid('body', 'a name reaches for a prototype')
      }
      refuseUnsafe(member)
    }
  }
}

const hasPrototype = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')

function requireText(text: string): void {
  if (text.includes('\0')) throw requestInvalid('body', 'NUL characters are not allowed')
  if (!text.isWellFormed()) throw requestInvalid('body', 'a text has half of a surrogate pair')
}
