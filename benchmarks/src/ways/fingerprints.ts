import { hash } from 'node:crypto'
import {
  canonicalJson,
  createSyncline,
  defineConnector,
  type Store,
  type UpstreamRecord,
} from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { z } from 'zod'
import type { OpenWork } from '../processes/work.ts'
import { people } from '../upstream/prepared-connector.ts'
import { pagesOf } from '../upstream/upstream-state.ts'
import { usualHash } from './ordinary-table.ts'
import { pageSize } from './pass-input.ts'

const inputSchema = z.object({
  records: z.number(),
  warmUpRecords: z.number(),
  way: z.enum(['ours', 'usual', 'engine']),
})

type Page = readonly UpstreamRecord[]

/** Work on prepared records alone, without a database. Each way counts the records it went through. */
const ways = {
  /** Canonical JSON and SHA-256. */
  ours: async (pages: readonly Page[]) =>
    countRecords(pages, (record) => hash('sha256', canonicalJson(record)).length === 64),
  /** What most people write. */
  usual: async (pages: readonly Page[]) => countRecords(pages, (record) => usualHash(record).length === 64),
  /** A whole sync into a store that keeps nothing: sanitise, validate, de-duplicate, filter, hash. */
  engine: syncToNowhere,
}

/** So many records stay in memory; longer work goes through them again. */
const mostPages = 20

export const open: OpenWork = async (input) => {
  const { records, warmUpRecords, way } = inputSchema.parse(input)
  const distinct = [...pagesOf({ records: Math.min(records, mostPages * pageSize), steps: [] }, pageSize)]
  const pagesFor = (count: number): Page[] =>
    Array.from({ length: Math.ceil(count / pageSize) }, (_, place) => distinct[place % distinct.length] ?? [])
  let counted = 0
  return {
    async warmUp() {
      for (let pass = 0; pass < 3; pass++) await ways[way](pagesFor(warmUpRecords))
    },
    async run() {
      counted = await ways[way](pagesFor(records))
    },
    facts: async () => ({ counted }),
    async close() {},
  }
}

function countRecords(pages: readonly Page[], done: (record: UpstreamRecord) => boolean): number {
  let counted = 0
  for (const page of pages) for (const record of page) counted += done(record) ? 1 : 0
  return counted
}

async function syncToNowhere(pages: readonly Page[]): Promise<number> {
  let counted = 0
  const store = memoryStore()
  const nowhere: Store = {
    ...store,
    resources: {
      ...store.resources,
      async commitPage(commit) {
        counted += commit.records.filter((record) => record.hash.length === 64).length
        return store.resources.commitPage({ ...commit, records: [] })
      },
    },
  }
  const prepared = defineConnector({
    type: 'prepared-pages',
    displayName: 'Prepared pages',
    configSchema: z.object({}),
    resourceTypes: {
      user: {
        async list({ cursor }) {
          const place = Number(cursor ?? 0)
          const nextCursor = place + 1 < pages.length ? String(place + 1) : undefined
          return { success: true, payload: { resources: pages[place] ?? [], nextCursor } }
        },
      },
    },
  })
  const syncline = createSyncline({ store: nowhere, connectorTypes: [prepared] })
  await syncline.connectors.save({ connectorId: people.connectorId, type: prepared.type })
  await syncline.sync(people)
  return counted
}
