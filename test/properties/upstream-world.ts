import { defineConnector, type ListPage, SyncError } from '@syncline/core'
import type { FakeClock, ModelRecord } from '@syncline/testing'
import { z } from 'zod'

/** good: kept · bad: quarantined · filtered: left out by the domain filter */
export type EntryKind = 'good' | 'bad' | 'filtered'

interface Entry {
  readonly content: string
  readonly kind: EntryKind
  readonly updatedAt: number
}

/** How the next listing behaves, besides what it lists. */
export interface ListingMood {
  /** Ids listed once more at the end: another page, when there is one. */
  readonly repeated: readonly string[]
  /** The page (from 1) that fails, for good. */
  readonly failAt?: number | undefined
  /** Called before a page (from 1) is answered. */
  readonly onPage?: ((page: number) => Promise<void>) | undefined
}

/**
 * An upstream as small as possible: a map. It shuffles the keys of its attributes from listing to listing and sends
 * members that must be dropped, as real ones do.
 */
export function createUpstreamWorld(clock: FakeClock) {
  const entries = new Map<string, Entry>()
  let mood: ListingMood = { repeated: [] }
  let listings = 0
  const asked: string[] = []

  const changedSince = (modifiedSince: string | undefined): string[] => {
    const since = modifiedSince === undefined ? Number.NEGATIVE_INFINITY : Date.parse(modifiedSince)
    const ids = [...entries].filter(([, { updatedAt }]) => updatedAt >= since).map(([id]) => id)
    return [...ids, ...mood.repeated.filter((id) => ids.includes(id))]
  }

  const record = (id: string): Record<string, unknown> => {
    const { content, kind } = entries.get(id) ?? { content: '', kind: 'good' }
    const members = Object.entries({ content, b: 1, a: { y: null, x: [1, 'two'] }, constructor: listings })
    return {
      externalId: id,
      displayName: kind === 'bad' ? 'nul \u0000' : content,
      email: `${id}@${kind === 'filtered' ? 'out' : 'in'}.example`,
      attributes: Object.fromEntries(listings % 2 === 0 ? members : members.toReversed()),
    }
  }

  const connectorType = defineConnector({
    type: 'world',
    displayName: 'World',
    configSchema: z.object({}),
    resourceTypes: {
      user: {
        incremental: true,
        async list({ cursor, pageSize, modifiedSince }) {
          const start = cursor === undefined ? 0 : Number(cursor)
          const page = Math.floor(start / pageSize) + 1
          asked.push(`${cursor}`)
          if (cursor === undefined) listings += 1
          await mood.onPage?.(page)
          if (mood.failAt === page) throw new SyncError('UPSTREAM_REJECTED', 'as the mood has it')
          const ids = changedSince(modifiedSince)
          const resources = ids.slice(start, start + pageSize).map(record) as unknown as ListPage['resources']
          const end = start + pageSize
          return {
            success: true,
            payload: { resources, nextCursor: end < ids.length ? String(end) : undefined },
          }
        },
      },
    },
  })

  return {
    connectorType,
    /** Cursors asked for since the last `forgetAsked`. */
    asked,
    forgetAsked: () => asked.splice(0),
    setMood: (next: ListingMood): void => {
      mood = next
    },
    /** `lateMs`: upstream stamped the change this long ago and shows it only now. */
    put(
      id: string,
      content: string,
      { kind, lateMs }: { readonly kind: EntryKind; readonly lateMs: number },
    ): void {
      entries.set(id, { content, kind, updatedAt: clock.now().getTime() - lateMs })
    },
    remove: (id: string): boolean => entries.delete(id),
    get: (id: string): Entry | undefined => entries.get(id),
    /** The record as the connector sends it. */
    record,
    /** What a listing answers, as the reference model reads it. */
    pages(modifiedSince: string | undefined, pageSize: number): ModelRecord[][] {
      const all = changedSince(modifiedSince).map((externalId): ModelRecord => {
        const { content, kind } = entries.get(externalId) ?? { content: '', kind: 'good' }
        return { externalId, content, kind }
      })
      const count = Math.max(1, Math.ceil(all.length / pageSize))
      return Array.from({ length: count }, (_, page) => all.slice(page * pageSize, (page + 1) * pageSize))
    },
  }
}

export type UpstreamWorld = ReturnType<typeof createUpstreamWorld>
