import type { CacheLookUp } from '@syncline/core'

/** Begins every entry of these generations, after its first letter. */
export const tagOf = (ofConnector: string, ofType: string): string => `${ofConnector} ${ofType} `

/** Undefined for an entry of other generations. */
export function readEntry(tag: string, entry: string): CacheLookUp | undefined {
  if (!entry.startsWith(tag, 1)) return undefined
  return entry.startsWith('=')
    ? { kind: 'hit', value: entry.slice(1 + tag.length) }
    : { kind: 'miss', ticket: entry }
}
