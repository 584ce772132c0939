import type { JsonValue } from '@syncline/core'

/** Where something is in a JSON value: `'paging.next.after'`, or a list of names where one holds a dot. `''` is the whole. */
export type Path = string | readonly string[]

/**
 * Reads a JSON value at a path: own properties only, undefined where there is nothing.
 */
export function readPath(value: JsonValue | undefined, path: Path): JsonValue | undefined
export function readPath(value: unknown, path: Path): unknown
export function readPath(value: unknown, path: Path): unknown {
  const names = typeof path === 'string' ? path.split('.').filter((name) => name !== '') : path
  let at = value
  for (const name of names) {
    if (!isMembers(at) || !Object.hasOwn(at, name)) return undefined
    at = at[name]
  }
  return at
}

/** How a path is called in messages. */
export const showPath = (path: Path): string =>
  typeof path === 'string' ? path || 'the answer itself' : path.join('.')

const isMembers = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
