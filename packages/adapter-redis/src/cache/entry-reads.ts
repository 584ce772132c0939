import { nextTick } from 'node:process'
import type { CacheLookUp } from '@syncline/core'
import type { RedisClient } from '../redis-client.ts'
import type { EntryKeys, ScopeKeys } from './cache-keys.ts'
import { readEntry, tagOf } from './entry-text.ts'
import type { ServerWatch } from './server-life.ts'

/** Reads of entries with their generations, sent together where they are asked for together. */
export interface EntryReads {
  /** Undefined: nothing that counts. Sent within this turn of the event loop. Rejects when the connection breaks. */
  read(keys: EntryKeys): Promise<CacheLookUp | undefined>
}

interface Read {
  readonly keys: EntryKeys
  readonly resolve: (found: CacheLookUp | undefined) => void
  readonly reject: (reason: unknown) => void
}

/** The server answers nobody else meanwhile. */
const mostReads = 200

/** Many callers cost little more than one: a key that several of them read is read once. */
export function entryReads(client: RedisClient, server: ServerWatch): EntryReads {
  let waiting: Read[] = []
  const send = async (): Promise<void> => {
    const reads = waiting
    waiting = []
    try {
      const life = server.known
      const keys = new Set<string>()
      let last: ScopeKeys | undefined
      for (const { keys: of } of reads) {
        keys.add(of.entry)
        if (of.scope !== last) keys.add(of.scope.type).add(of.scope.connector)
        last = of.scope
      }
      const values = await client.mget(...keys)
      // The client may have sent it again, to another server than the one it knew when it was asked.
      if (!life || server.known !== life) throw new Error('the connection broke')
      answer(reads, { keys, values, runId: life.runId })
    } catch (error) {
      for (const { reject } of reads) reject(error)
    }
  }
  return {
    read(keys) {
      const { promise, resolve, reject } = Promise.withResolvers<CacheLookUp | undefined>()
      waiting.push({ keys, resolve, reject })
      // After everyone who goes on in this turn has asked.
      if (waiting.length === 1) nextTick(() => waiting.length > 0 && void send())
      else if (waiting.length === mostReads) void send()
      return promise
    },
  }
}

interface Answer {
  readonly keys: ReadonlySet<string>
  /** In the order of the keys. */
  readonly values: readonly (string | null)[]
  readonly runId: string
}

function answer(reads: readonly Read[], { keys, values, runId }: Answer): void {
  const found = new Map<string, string>()
  let place = 0
  for (const key of keys) {
    const value = values[place++]
    if (value) found.set(key, value)
  }
  let last: ScopeKeys | undefined
  let tag: string | undefined
  for (const { keys: of, resolve } of reads) {
    if (of.scope !== last) tag = tagIn(found, of.scope, runId)
    last = of.scope
    const entry = found.get(of.entry)
    resolve(tag !== undefined && entry ? readEntry(tag, entry) : undefined)
  }
}

/** Undefined where a generation is missing, or belongs to an earlier life of the server. */
function tagIn(found: ReadonlyMap<string, string>, scope: ScopeKeys, runId: string): string | undefined {
  const ofConnector = found.get(scope.connector)
  const ofType = found.get(scope.type)
  return ofType && ofConnector?.startsWith(runId) ? tagOf(ofConnector, ofType) : undefined
}
