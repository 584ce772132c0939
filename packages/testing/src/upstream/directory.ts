import { isDeepStrictEqual } from 'node:util'
import type { DirectoryEntry, ListedEntry } from './directory-entry.ts'
import { createEntrySequence, type EntrySequence } from './entry-sequence.ts'
import type { UpstreamRequest } from './upstream-request.ts'

/** What `replaceAll` did. */
export interface ReplaceCounts {
  readonly added: number
  readonly updated: number
  readonly unchanged: number
  readonly removed: number
}

/** Which part of a listing to read. */
export interface DirectoryQuery {
  readonly type: string
  /** Sequence number of the last entry read; 0 for the start. */
  readonly after: number
  readonly limit: number
  /** ISO instant, inclusive. */
  readonly modifiedSince?: string | undefined
}

export interface DirectoryPage {
  readonly entries: readonly ListedEntry[]
  /** Sequence number of the last entry of this page. */
  readonly last: number
  /** Whether anything follows. */
  readonly more: boolean
  /** All entries of the listing, as of now. */
  readonly total: number
}

/** An upstream's data, in memory: several types of entries, changed by a test while it is being served. */
export interface Directory {
  now(): Date
  /** Types that can be listed, also when they are empty. */
  types(): readonly string[]
  /** Adds or replaces an entry and moves its `updatedAt`, whatever the entry says itself. Keeps its place. */
  put(type: string, entry: DirectoryEntry): void
  /** False when there is none. Nothing is left behind: an incremental listing cannot tell. */
  remove(type: string, id: string): boolean
  get(type: string, id: string): ListedEntry | undefined
  /** All entries of a type in listing order; a copy. */
  entries(type: string): ListedEntry[]
  /**
   * Makes the entries of a type exactly these. `updatedAt` moves only where the content differs, so that
   * snapshots can be replayed and `modifiedSince` still tells what changed. Of equal ids the last counts.
   */
  replaceAll(type: string, entries: readonly DirectoryEntry[]): ReplaceCounts
  page(query: DirectoryQuery): DirectoryPage
  /** Calls back before each request is answered: the moment to change what is being read. Returns how to stop. */
  onRequest(hook: (request: UpstreamRequest) => void): () => void
  /** For servers: a request came in. */
  announce(request: UpstreamRequest): void
}

export interface DirectoryOptions {
  /** Types to serve from the start. @default ['user', 'group'] */
  readonly types?: readonly string[] | undefined
  /** Clock of `updatedAt`. @default the system's */
  readonly now?: (() => Date) | undefined
}

/** An empty directory. */
export function createDirectory(options: DirectoryOptions = {}): Directory {
  const { types = ['user', 'group'], now = () => new Date() } = options
  const sequences = new Map<string, EntrySequence>(types.map((type) => [type, createEntrySequence()]))
  const hooks = new Set<(request: UpstreamRequest) => void>()

  const sequenceOf = (type: string): EntrySequence => {
    const sequence = sequences.get(type) ?? createEntrySequence()
    sequences.set(type, sequence)
    return sequence
  }
  const entries = (type: string): ListedEntry[] => {
    const sequence = sequences.get(type)
    return sequence ? Array.from(sequence.after(0), ({ entry }) => entry) : []
  }
  const put = (type: string, entry: DirectoryEntry): void =>
    sequenceOf(type).put({ ...entry, updatedAt: now().toISOString() })
  const remove = (type: string, id: string): boolean => sequences.get(type)?.remove(id) ?? false

  return {
    now,
    types: () => [...sequences.keys()],
    put,
    remove,
    get: (type, id) => sequences.get(type)?.get(id),
    entries,
    replaceAll(type, replacement) {
      const wanted = new Map(replacement.map((entry) => [entry.id, entry]))
      const sequence = sequenceOf(type)
      const gone = entries(type).filter(({ id }) => !wanted.has(id))
      for (const { id } of gone) sequence.remove(id)
      const counts = { added: 0, updated: 0, unchanged: 0, removed: gone.length }
      for (const entry of wanted.values()) {
        const outcome = compare(sequence.get(entry.id), entry)
        counts[outcome] += 1
        if (outcome !== 'unchanged') put(type, entry)
      }
      return counts
    },
    page: (query) => readPage(sequences.get(query.type), query),
    onRequest(hook) {
      hooks.add(hook)
      return () => hooks.delete(hook)
    },
    announce: (request) => hooks.forEach((hook) => hook(request)),
  }
}

function compare(known: ListedEntry | undefined, entry: DirectoryEntry): 'added' | 'updated' | 'unchanged' {
  if (!known) return 'added'
  const { updatedAt } = known
  return isDeepStrictEqual(known, { ...entry, updatedAt }) ? 'unchanged' : 'updated'
}

function readPage(sequence: EntrySequence | undefined, query: DirectoryQuery): DirectoryPage {
  const { after, limit, modifiedSince } = query
  const since = modifiedSince === undefined ? '' : new Date(modifiedSince).toISOString()
  const entries: ListedEntry[] = []
  let last = after
  let more = false
  for (const { sequence: place, entry } of sequence?.after(after) ?? []) {
    if (entry.updatedAt < since) continue
    more = entries.length === limit
    if (more) break
    entries.push(entry)
    last = place
  }
  return { entries, last, more, total: countSince(sequence, since) }
}

function countSince(sequence: EntrySequence | undefined, since: string): number {
  if (!sequence) return 0
  if (since === '') return sequence.size
  let count = 0
  for (const { entry } of sequence.after(0)) if (entry.updatedAt >= since) count += 1
  return count
}
