import type { JsonObject, ParentRef, UpstreamRecord } from '@syncline/core'
import { z } from 'zod'
import { type Path, readPath } from './read-path.ts'

/** A record before it is checked: each part may be anything, and the engine refuses bad records one by one. */
export interface RecordDraft {
  /** A whole number becomes text; one that JavaScript has rounded is left for the engine to refuse. */
  readonly externalId: unknown
  readonly displayName: unknown
  readonly email?: unknown
  readonly attributes: Readonly<Record<string, unknown>>
  readonly parent?: ParentRef | undefined
}

/** Where a part of a record is in an item; of several paths the first with something there, which blanks are not. */
export type Field = Path | { readonly firstOf: readonly Path[] } | ((item: JsonObject) => unknown)

/** A record by where its parts are. */
export interface RecordFields {
  readonly externalId: Field
  readonly displayName: Field
  /** @default no e-mail */
  readonly email?: Field | undefined
  /** @default all of the item except the top-level members that the three others were read from */
  readonly attributes?: ((item: JsonObject) => Readonly<Record<string, unknown>>) | undefined
}

/** How an item becomes a record. */
export type RecordMapping = RecordFields | ((item: JsonObject) => RecordDraft)

/**
 * Makes a record of an item. What cannot be mapped is passed on as it came, for the engine to quarantine: one bad
 * item never fails its page, and none is dropped.
 */
export function mapRecord(mapping: RecordMapping, item: unknown): UpstreamRecord {
  return unchecked.parse(draftOf(mapping, item))
}

/** What the type promises is the engine's to check. */
const unchecked = z.custom<UpstreamRecord>()

function draftOf(mapping: RecordMapping, item: unknown): unknown {
  if (!isObject(item)) return item
  try {
    const draft = typeof mapping === 'function' ? mapping(item) : mapFields(mapping, item)
    return { ...draft, externalId: idText(draft.externalId) }
  } catch {
    return { externalId: idText(item.id) }
  }
}

function mapFields(fields: RecordFields, item: JsonObject): RecordDraft {
  const { externalId, displayName, email, attributes } = fields
  return {
    externalId: readField(externalId, item),
    displayName: readField(displayName, item),
    email: email === undefined ? undefined : readField(email, item),
    attributes: attributes ? attributes(item) : rest(item, [externalId, displayName, email]),
  }
}

function readField(field: Field, item: JsonObject): unknown {
  if (typeof field === 'function') return field(item)
  const values = pathsOf(field).map((path) => readPath(item, path))
  return values.find(isThere) ?? values[0]
}

const isThere = (value: unknown): boolean =>
  typeof value === 'string' ? value.trim() !== '' : value !== undefined && value !== null

function rest(item: JsonObject, fields: readonly (Field | undefined)[]): JsonObject {
  const used = fields.flatMap((field) =>
    field === undefined || typeof field === 'function' ? [] : pathsOf(field).flatMap(topName),
  )
  return Object.fromEntries(Object.entries(item).filter(([name]) => !used.includes(name)))
}

/** Only whole members are left out: of `profile.email` the profile stays. */
function topName(path: Path): readonly string[] {
  const names = typeof path === 'string' ? path.split('.') : path
  return names.length === 1 ? names : []
}

const pathsOf = (field: Path | { readonly firstOf: readonly Path[] }): readonly Path[] =>
  typeof field === 'object' && 'firstOf' in field ? field.firstOf : [field]

/** Numbers beyond 2^53 − 1 were rounded when they were parsed: two of them may have become one. */
export const idText = (value: unknown): unknown =>
  typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value

const isObject = (item: unknown): item is JsonObject =>
  typeof item === 'object' && item !== null && !Array.isArray(item)
