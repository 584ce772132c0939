import { randomUUID } from 'node:crypto'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { OpenWork } from '../processes/work.ts'
import { heldRecords, pagesOf, type ReadRecords, type UpstreamState } from '../upstream/upstream-state.ts'
import { type OrdinaryRow, ordinaryRow, ordinaryScope } from './ordinary-table.ts'
import { pageSize, passInput } from './pass-input.ts'

export interface OrdinaryDatabase {
  connector_resource: OrdinaryRow
}

/** What most people write: a multi-row upsert per page that updates everything, then whoever was not touched is stale. */
export const open: OpenWork = async (input) => {
  const { url, warmUpUrl, warmUpRecords, state } = passInput.parse(input)
  const database = connect(url)
  const read = heldRecords(state, pageSize)
  let staled = 0
  return {
    async warmUp() {
      const small = connect(warmUpUrl)
      for (let pass = 0; pass < 3; pass++) await upsertPass(small, { records: warmUpRecords, steps: [] })
      await small.deleteFrom('connector_resource').execute()
      await small.destroy()
    },
    async run() {
      staled = await upsertPass(database, state, read)
    },
    facts: async () => ({ staled }),
    close: () => database.destroy(),
  }
}

const connect = (url: string): Kysely<OrdinaryDatabase> =>
  new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) }) })

/** Answers how many rows went stale. */
export async function upsertPass(
  database: Kysely<OrdinaryDatabase>,
  state: UpstreamState,
  read?: ReadRecords,
): Promise<number> {
  const began = new Date()
  for (const page of pagesOf(state, pageSize, read)) {
    const synced_at = new Date()
    await database
      .insertInto('connector_resource')
      .values(page.map((record) => ({ id: randomUUID(), ...ordinaryRow(record), synced_at })))
      .onConflict((conflict) =>
        conflict.columns(['connector_id', 'resource_type', 'external_id']).doUpdateSet((row) => ({
          display_name: row.ref('excluded.display_name'),
          email: row.ref('excluded.email'),
          attributes: row.ref('excluded.attributes'),
          sync_hash: row.ref('excluded.sync_hash'),
          synced_at: row.ref('excluded.synced_at'),
          stale_since: null,
        })),
      )
      .execute()
  }
  return markStale(database, began)
}

/** Marks rows that no page of this pass touched. */
async function markStale(database: Kysely<OrdinaryDatabase>, began: Date): Promise<number> {
  const { numUpdatedRows } = await database
    .updateTable('connector_resource')
    .set({ stale_since: new Date() })
    .where('connector_id', '=', ordinaryScope.connector_id)
    .where('resource_type', '=', ordinaryScope.resource_type)
    .where('stale_since', 'is', null)
    .where('synced_at', '<', began)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}
