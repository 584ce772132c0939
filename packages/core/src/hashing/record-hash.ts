import { hash } from 'node:crypto'
import type { PreparedRecord } from '../model/record.ts'
import { writeCanonical } from './canonical-json.ts'
import { quoteText } from './json-text.ts'
import { findMember, type PathSegment } from './member-path.ts'
import { isPlainObject } from './plain-object.ts'
import { parseVolatilePath } from './volatile-paths.ts'

const algorithm = 'sha256-v1'

/** How records are hashed. Hashes of different recipes say nothing about each other. */
export interface HashRecipe {
  /** `sha256-v1`, followed by a mark of the volatile paths when there are any. */
  readonly id: string
  /** What does not count as a change. */
  readonly volatilePaths: readonly string[]
  /** The volatile paths below `attributes`, in segments. */
  readonly volatileAttributes: readonly (readonly PathSegment[])[]
}

/** What is hashed. */
type HashedRecord = Omit<PreparedRecord, 'hash'>

/**
 * The recipe for these volatile paths; their order and repetitions do not matter.
 * @throws SYNC_CONFIG_INVALID
 */
export function hashRecipe(volatilePaths: readonly string[]): HashRecipe {
  const paths = [...new Set(volatilePaths)].toSorted()
  const volatileAttributes = paths
    .map(parseVolatilePath)
    .flatMap(([root, ...segments]) => (root?.name === 'attributes' ? [segments] : []))
  const mark = paths.length === 0 ? '' : `-${sha256(JSON.stringify(paths)).slice(0, 16)}`
  return { id: algorithm + mark, volatilePaths: paths, volatileAttributes }
}

/**
 * SHA-256, 64 hex digits, of the canonical JSON (RFC 8785) of `{ attributes, displayName, email, externalId }` and
 * of `parent` where there is one, without what is volatile.
 */
export const recordHash = (record: HashedRecord, recipe: HashRecipe): string =>
  sha256(hashedText(record, recipe))

/** The record with its hash. */
export function withHash(record: HashedRecord, recipe: HashRecipe): PreparedRecord {
  const { externalId, displayName, email, parent } = record
  const text = hashedText(record, recipe)
  const digest = sha256(text)
  // Hashing has made one piece of the text. What the record brought is a tree of small pieces, five times as large.
  const attributesJson =
    recipe.volatileAttributes.length === 0
      ? text.slice(beginning.length, beginning.length + record.attributesJson.length)
      : record.attributesJson
  return { externalId, displayName, email, attributesJson, parent, hash: digest }
}

const beginning = '{"attributes":'

function hashedText(record: HashedRecord, recipe: HashRecipe): string {
  const { externalId, displayName, email, parent } = record
  const { volatilePaths } = recipe
  let text = beginning + attributesText(record.attributesJson, recipe)
  // The names stand in canonical order: the text is put together, not sorted.
  if (!volatilePaths.includes('displayName')) text += `,"displayName":${quote(displayName)}`
  if (!volatilePaths.includes('email')) text += `,"email":${email === null ? 'null' : quote(email)}`
  text += `,"externalId":${quote(externalId)}`
  if (parent !== undefined) {
    text += `,"parent":{"externalId":${quote(parent.externalId)},"resourceType":${quote(parent.resourceType)}}`
  }
  return `${text}}`
}

/** Texts of records were checked before. */
function quote(text: string): string {
  const quoted = quoteText(text)
  return typeof quoted === 'string' ? quoted : JSON.stringify(text)
}

function attributesText(attributesJson: string, { volatileAttributes }: HashRecipe): string {
  if (volatileAttributes.length === 0) return attributesJson
  const attributes: unknown = JSON.parse(attributesJson)
  for (const segments of volatileAttributes) omit(attributes, segments)
  return writeCanonical(attributes, 'attributes')
}

/** Own members of objects only: a path ends at a list. */
function omit(root: unknown, segments: readonly PathSegment[]): void {
  const found = findMember(root, segments, hasOwnMember)
  if (found) delete found.holder[found.name]
}

const hasOwnMember = (value: unknown, name: string): value is Record<string, unknown> =>
  isPlainObject(value) && Object.hasOwn(value, name)

const sha256 = (text: string): string => hash('sha256', text, 'hex')
