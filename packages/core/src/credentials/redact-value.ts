import { isBoxedPrimitive } from 'node:util/types'
import { isSyncError, SyncError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { isSensitiveField, redacted } from './redact-text.ts'

type RedactText = (text: string) => string

const maxDepth = 8

/** What is to be logged, struck like `redactThrown`. */
export function redactFields(fields: object, text: RedactText): object {
  const struck = copy(fields, newWalk(text))
  return typeof struck === 'object' && struck !== null ? struck : { value: struck }
}

/**
 * A copy of anything that was thrown, with every text put through `text` and everything under a sensitive name struck.
 * Objects become plain ones, except errors, which stay errors; what is nested deeper than eight levels is cut.
 */
export const redactThrown = (thrown: unknown, text: RedactText): unknown => copy(thrown, newWalk(text))

/** The same for JSON, which it stays. */
export function redactJson(json: JsonObject, text: RedactText): JsonObject {
  const strike = (value: JsonValue, struck: boolean): JsonValue => {
    if (typeof value === 'string') return struck ? redacted : text(value)
    if (Array.isArray(value)) return value.map((item) => strike(item, struck))
    return typeof value === 'object' && value !== null ? members(value, struck) : value
  }
  const members = (object: JsonObject, struck: boolean): JsonObject =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => [
        text(name),
        strike(value, struck || isSensitiveField(name)),
      ]),
    )
  return members(json, false)
}

interface Walk {
  readonly text: RedactText
  /** The objects this one is in. */
  readonly path: readonly unknown[]
  /** Below a sensitive name. */
  readonly struck: boolean
  /** Copies that were made, struck and not: an object that stands in many places is copied once. */
  readonly copies: { readonly struck: Map<object, unknown>; readonly plain: Map<object, unknown> }
}

const newWalk = (text: RedactText): Walk => ({
  text,
  path: [],
  struck: false,
  copies: { struck: new Map(), plain: new Map() },
})

function copy(value: unknown, walk: Walk): unknown {
  if (typeof value === 'string') return walk.struck ? redacted : walk.text(value)
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value === 'number' || typeof value === 'bigint') return copyNumber(value, walk)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (isBoxed(value))
    return copy(
      attempt(() => value.valueOf()),
      walk,
    )
  if (walk.path.includes(value)) return '[circular]'
  if (walk.path.length >= maxDepth) return '[cut]'
  const copies = walk.struck ? walk.copies.struck : walk.copies.plain
  if (copies.has(value)) return copies.get(value)
  const made = copyObject(value, walk)
  copies.set(value, made)
  return made
}

/** A secret may be all digits. */
function copyNumber(value: number | bigint, { text, struck }: Walk): unknown {
  const shown = String(value)
  return struck || text(shown) !== shown ? redacted : value
}

const isBoxed = (value: object): boolean => isBoxedPrimitive(value)

function copyObject(value: object, walk: Walk): unknown {
  const inner = { ...walk, path: [...walk.path, value] }
  if (value instanceof Error) return copyError(value, inner)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[bytes]'
  if (Array.isArray(value)) return value.map((item) => copy(item, inner))
  if (value instanceof Map || isHeaders(value)) return copyFields([...value.entries()], inner)
  if (value instanceof Set) return [...value].map((item) => copy(item, inner))
  const toJson = attempt(() => Reflect.get(value, 'toJSON'))
  if (typeof toJson === 'function')
    return copy(
      attempt(() => Reflect.apply(toJson, value, [])),
      inner,
    )
  return copyFields(ownFields(value), inner)
}

const ownFields = (value: object): readonly (readonly [string, unknown])[] =>
  Object.keys(value).map((key) => [key, attempt(() => Reflect.get(value, key))])

function copyFields(entries: readonly (readonly [unknown, unknown])[], walk: Walk): object {
  const fields = entries.map(([key, item]) => {
    const name = String(key)
    const struck = walk.struck || isSensitiveField(name)
    return [walk.text(name), copy(item, { ...walk, struck })] as const
  })
  return Object.fromEntries(fields)
}

/** Names, codes and fields stay, so that a log can still be searched by them. */
function copyError(error: Error, walk: Walk): Error {
  const given = attempt(() => error.cause)
  const cause = given === undefined ? undefined : copy(given, walk)
  // Others' errors may have anything for their texts.
  const textOf = (read: () => unknown): string => walk.text(String(attempt(() => String(read()))))
  const [message, name, stack] = [
    textOf(() => error.message),
    textOf(() => error.name),
    textOf(() => error.stack ?? ''),
  ]
  const clone = isSyncError(error)
    ? new SyncError(error.code, message, {
        cause,
        ...(error.details && { details: redactJson(error.details, walk.text) }),
        ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
      })
    : Object.assign(new Error(message, cause === undefined ? undefined : { cause }), errorFields(error, walk))
  const hidden = { configurable: true, writable: true }
  if (clone.name !== name) Object.defineProperty(clone, 'name', { ...hidden, value: name })
  Object.defineProperty(clone, 'stack', { ...hidden, value: stack })
  return clone
}

const errorFields = (error: Error, walk: Walk): object =>
  copyFields(
    ownFields(error).filter(([key]) => !['name', 'message', 'stack', 'cause'].includes(key)),
    walk,
  )

const isHeaders = (value: object): value is Headers =>
  typeof Headers === 'function' && value instanceof Headers

/** Getters of others may throw. */
function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return '[unreadable]'
  }
}
