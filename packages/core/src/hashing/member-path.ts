import { textProblem } from './json-text.ts'
import { isUnsafeName } from './member-order.ts'

/** One name of a path. */
export interface PathSegment {
  readonly name: string
  /** Written as `["name"]`: every character of it belongs to the name. */
  readonly quoted: boolean
}

/** Where a member stands: `holder[name]`. */
export interface FoundMember {
  readonly holder: Record<string, unknown>
  readonly name: string
}

/**
 * Splits a path into names: `attributes.profile.title`. A name that holds a dot or a bracket is written as JSON text in
 * brackets, `attributes.extensions["urn:example:2.0:User"].badge`, or plainly, where no other member is meant by it.
 * @returns the names, or what keeps the text from being a path, as the end of a sentence
 */
export function parseMemberPath(path: string, maxSegments: number): readonly PathSegment[] | string {
  const problem = textProblem(path)
  if (problem !== undefined) return problem.fact
  const segments = readSegments(path)
  if (typeof segments === 'string') return segments
  if (segments.length > maxSegments)
    return `has ${segments.length} segments, at most ${maxSegments} are possible`
  if (segments.some(({ name, quoted }) => name === '' && !quoted)) return 'has an empty segment'
  const unsafe = segments.find(({ name }) => isUnsafeName(name))
  return unsafe ? `names "${unsafe.name}", which is never stored` : segments
}

const quotedName = /\["(?:[^"\\]|\\.)*"\]/y

function readSegments(path: string): PathSegment[] | string {
  const segments: PathSegment[] = []
  for (let at = 0; at <= path.length; ) {
    const opening = path.indexOf('["', at)
    const dot = path.indexOf('.', at)
    const end = Math.min(dot < 0 ? path.length : dot, opening < 0 ? path.length : opening)
    // Nothing stands between a dot and a quoted name, or between two of those.
    if (end > at || end !== opening) segments.push({ name: path.slice(at, end), quoted: false })
    at = end
    while (path.startsWith('["', at)) {
      quotedName.lastIndex = at
      const name = unquote(quotedName.exec(path)?.[0])
      if (name === undefined) return 'has a name in brackets that is no JSON text, such as ["a.b"]'
      segments.push({ name, quoted: true })
      at = quotedName.lastIndex
    }
    if (at < path.length && path[at] !== '.') return 'has a name in brackets that no dot follows'
    at += 1
  }
  return segments
}

function unquote(bracketed: string | undefined): string | undefined {
  try {
    return bracketed === undefined ? undefined : JSON.parse(bracketed.slice(1, -1))
  } catch {
    return undefined
  }
}

/**
 * Finds the member that a path names. Names that follow each other may together be the name of one member, dots
 * included, where the path leads to nothing otherwise: the shortest name comes first.
 * @param has whether a value has an own member of that name which the path may go through
 */
export function findMember(
  value: unknown,
  segments: readonly PathSegment[],
  has: (value: unknown, name: string) => value is Record<string, unknown>,
): FoundMember | undefined {
  const find = (holder: unknown, from: number): FoundMember | undefined => {
    let name = ''
    for (let to = from; to < segments.length; to++) {
      const segment = segments[to]
      if (!segment || (to > from && (segment.quoted || segments[to - 1]?.quoted))) return undefined
      name = to === from ? segment.name : `${name}.${segment.name}`
      if (!has(holder, name)) continue
      const found = to + 1 === segments.length ? { holder, name } : find(holder[name], to + 1)
      if (found) return found
    }
    return undefined
  }
  return find(value, 0)
}
