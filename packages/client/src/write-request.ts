import type { Operation } from './operations.ts'

/** What a call asks for, before it becomes a request. */
export type CallInput = Readonly<Record<string, unknown>>

interface WrittenRequest {
  /** Below the base URL, with the query. */
  readonly path: string
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined
}

/**
 * Puts the members of an input where they belong. Pure.
 * @throws TypeError for a member of the path that is missing or would lead elsewhere, and for one that has no place:
 * a misspelt filter must not become no filter
 */
export function writeRequest(operation: Operation, input: CallInput): WrittenRequest {
  const left = new Map(Object.entries(input).filter(([, value]) => value !== undefined))
  const take = (name: string): unknown => {
    const value = left.get(name)
    left.delete(name)
    return value
  }
  const filled = operation.path.replace(/:([A-Za-z]+)/g, (_, name: string) => segmentOf(name, take(name)))
  const query = new URLSearchParams()
  for (const name of operation.query ?? []) {
    const value = take(name)
    if (value !== undefined) query.set(name, queryValue(name, value))
  }
  const path = query.size > 0 ? `${filled}?${query.toString()}` : filled
  if (operation.body === 'json') {
    return { path, body: JSON.stringify(Object.fromEntries(left)) }
  }
  const body = operation.body === 'raw' ? rawBody(take('body')) : undefined
  const [unknown] = left.keys()
  if (unknown !== undefined) throw new TypeError(`There is no "${unknown}" in ${operation.path}`)
  return { path, body }
}

function queryValue(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return JSON.stringify(value)
  throw new TypeError(`"${name}" must be text, a number or a boolean`)
}

function segmentOf(name: string, value: unknown): string {
  // Dots are taken for steps in the path, encoded or not.
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
    throw new TypeError(`"${name}" must be an id`)
  }
  return encodeURIComponent(value)
}

function rawBody(value: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw new TypeError('"body" must be text or bytes')
}
