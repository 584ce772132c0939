import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type JsonObject } from '@syncline/core'
import pg from 'pg'
import { z } from 'zod'
import type { OpenWork } from '../processes/work.ts'
import { externalIdOf } from '../upstream/directory-record.ts'
import { people, preparedConnector } from '../upstream/prepared-connector.ts'
import { elapsedMs } from './stopwatch.ts'

const inputSchema = z.object({
  url: z.string(),
  records: z.number(),
  table: z.string(),
  /** Each query is asked this often at most … */
  samples: z.number(),
  /** … and no more once it has taken this long in all. */
  budgetMs: z.number(),
})

/** By query: what each time took, and the number that came out. */
export const readFacts = z.record(z.string(), z.object({ ms: z.array(z.number()), found: z.number() }))

/** One record of all, a tenth of them, and a part too short for an index of trigrams. */
export const searches = { rare: 'user.ll@', common: 'hopper', 'two letters': 'ad' } as const

const rows = 100

type Read = (time: number) => Promise<number>

/** What a host asks of the store, through the public handle. */
export const open: OpenWork = async (input) => {
  const { url, records, table, samples, budgetMs } = inputSchema.parse(input)
  const store = await openPostgresStore({ connectionString: url })
  const connectorTypes = [preparedConnector(() => ({ records, steps: [] }))]
  const { resources } = createSyncline({ store, connectorTypes })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const list = async (query: object): Promise<number> =>
    (await resources.list({ ...people, pageSize: rows, ...query })).total
  const pages = Math.max(1, Math.floor(records / rows))
  const deep = await externalIdAt(client, table, Math.max(0, records - 10 * rows))
  const reads: Readonly<Record<string, Read>> = {
    'count(*)': async () => Number((await client.query(`select count(*) as n from ${table}`)).rows[0]?.n),
    'first page': () => list({}),
    'numbered page at half': () => list({ page: Math.max(1, Math.floor(pages / 2)) }),
    'numbered pages at random': (time) => list({ page: 1 + ((time * 6_180_339) % pages) }),
    'slice from the start': async () => (await store.resources.find({ ...people, limit: rows })).length,
    'slice at the end': async () => {
      const after = { resourceType: people.resourceType, externalId: deep }
      return (await store.resources.find({ ...people, after, limit: rows })).length
    },
    'stale only': () => list({ stale: true }),
    'by external id': async (time) => {
      const externalId = externalIdOf((time * 997) % records)
      return (await resources.get({ ...people, externalId }))?.externalId === externalId ? 1 : 0
    },
    'search rare': () => list({ search: searches.rare }),
    'search common': () => list({ search: searches.common }),
    'search two letters': () => list({ search: searches['two letters'] }),
  }
  let facts: JsonObject = {}
  return {
    async warmUp() {
      for (const read of Object.values(reads)) await read(0)
    },
    async run() {
      facts = await inTurn(reads, { samples, budgetMs })
    },
    facts: async () => facts,
    async close() {
      await client.end()
      await store.close()
    },
  }
}

/** Every query once, then every query again, so that all see the same machine. */
async function inTurn(
  reads: Readonly<Record<string, Read>>,
  { samples, budgetMs }: { readonly samples: number; readonly budgetMs: number },
) {
  const facts: Record<string, { ms: number[]; found: number }> = {}
  for (let time = 0; time < samples; time++) {
    for (const [name, read] of Object.entries(reads)) {
      const fact = (facts[name] ??= { ms: [], found: 0 })
      if (fact.ms.reduce((sum, ms) => sum + ms, 0) > budgetMs) continue
      fact.ms.push(await elapsedMs(async () => (fact.found = await read(time))))
    }
  }
  return facts
}

async function externalIdAt(client: pg.Client, table: string, place: number): Promise<string> {
  const { rows: found } = await client.query<{ id: string }>(
    `select external_id as id from ${table} order by external_id offset $1 limit 1`,
    [place],
  )
  return found[0]?.id ?? ''
}
