import { findMember, parseMemberPath } from '../hashing/member-path.ts'
import type { JsonValue } from '../model/json.ts'
import type { Resource } from '../model/resource.ts'

/** What of a resource a path may begin at. */
export type PathRoot = Pick<Resource, 'externalId' | 'displayName' | 'email' | 'attributes' | 'parent'>

const rootNames: readonly string[] = [
  'externalId',
  'displayName',
  'email',
  'attributes',
  'parent',
] satisfies (keyof PathRoot)[]

/** Attributes are at most 64 levels deep. */
const maxSegments = 65

/** What keeps a text from being a path into a resource, as the end of a sentence; undefined when it is one. */
export function sourcePathProblem(path: string): string | undefined {
  const segments = parseMemberPath(path, maxSegments)
  if (typeof segments === 'string') return segments
  const [root] = segments
  return root && rootNames.includes(root.name) ? undefined : `must begin with one of ${rootNames.join(', ')}`
}

/**
 * Reads what stands at a path: own members and items only, never anything inherited; undefined when nothing does.
 * An item of a list is named by its number. A text that is no path reads nothing.
 */
export function compileSourcePath(path: string): (resource: PathRoot) => JsonValue | undefined {
  const segments = parseMemberPath(path, maxSegments)
  if (typeof segments === 'string' || sourcePathProblem(path) !== undefined) return () => undefined
  return (resource) => {
    const found = findMember(resource, segments, hasOwnMember)
    const value = found?.holder[found.name]
    return isJson(value) ? value : undefined
  }
}

const itemNumber = /^(?:0|[1-9]\d*)$/

/** A list has its items and nothing else: its length is no value of upstream's. Text has no members. */
function hasOwnMember(value: unknown, name: string): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false
  return !Array.isArray(value) || itemNumber.test(name)
}

/** A resource holds nothing else than JSON and members that are undefined. */
const isJson = (value: unknown): value is JsonValue => value !== undefined
