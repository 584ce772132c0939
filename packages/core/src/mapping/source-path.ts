import { textProblem } from '../hashing/json-text.ts'
import { isUnsafeName } from '../hashing/member-order.ts'
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

/**
 * What keeps a text from being a path into a resource, as the end of a sentence; undefined when it is one. A member
 * whose name holds a dot cannot be addressed; an item of a list is, by its number.
 */
export function sourcePathProblem(path: string): string | undefined {
  const problem = textProblem(path)
  if (problem !== undefined) return problem.fact
  const segments = path.split('.')
  if (segments.length > maxSegments)
    return `has ${segments.length} segments, at most ${maxSegments} are possible`
  if (segments.includes('')) return 'has an empty segment'
  const unsafe = segments.find(isUnsafeName)
  if (unsafe !== undefined) return `names "${unsafe}", which is never stored`
  if (!rootNames.includes(segments[0] ?? '')) return `must begin with one of ${rootNames.join(', ')}`
  return undefined
}

/**
 * Reads what stands at a path: own members and items only, never anything inherited; undefined when nothing does.
 * A text that is no path reads nothing.
 */
export function compileSourcePath(path: string): (resource: PathRoot) => JsonValue | undefined {
  if (sourcePathProblem(path) !== undefined) return () => undefined
  const segments = path.split('.')
  return (resource) => {
    let value: unknown = resource
    for (const segment of segments) {
      if (!hasOwnMember(value, segment)) return undefined
      value = value[segment]
    }
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
