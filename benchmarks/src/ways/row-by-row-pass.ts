import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { OpenWork } from '../processes/work.ts'
import { pagesOf, type UpstreamState } from '../upstream/upstream-state.ts'
import { ordinaryRow, ordinaryScope } from './ordinary-table.ts'
import { pageSize, passInput } from './pass-input.ts'

/** The naive loop: for every record a select, a comparison and a write, each a statement of its own. */
export const open: OpenWork = async (input) => {
  const { url, warmUpUrl, warmUpRecords, state } = passInput.parse(input)
  const client = await connect(url)
  let staled = 0
  return {
    async warmUp() {
      const small = await connect(warmUpUrl)
      const few = { records: Math.ceil(warmUpRecords / 10), steps: [] }
      for (let pass = 0; pass < 2; pass++) await loop(small, few)
      await small.query('delete from connector_resource')
      await small.end()
    },
    async run() {
      staled = await loop(client, state)
    },
    facts: async () => ({ staled }),
    close: () => client.end(),
  }
}

const { connector_id: connectorId, resource_type: resourceType } = ordinaryScope
const scope = 'connector_id = $1 and resource_type = $2'

async function loop(client: pg.Client, state: UpstreamState): Promise<number> {
  const began = new Date()
  for (const page of pagesOf(state, pageSize)) {
    for (const record of page) await storeRow(client, ordinaryRow(record))
  }
  const { rowCount } = await client.query(
    `update connector_resource set stale_since = now() where ${scope} and stale_since is null and synced_at < $3`,
    [connectorId, resourceType, began],
  )
  return rowCount ?? 0
}

async function storeRow(client: pg.Client, row: ReturnType<typeof ordinaryRow>): Promise<void> {
  const { rows } = await client.query<{ id: string; sync_hash: string }>(
    `select id, sync_hash from connector_resource where ${scope} and external_id = $3`,
    [connectorId, resourceType, row.external_id],
  )
  const [known] = rows
  const content = [row.display_name, row.email, row.attributes, row.sync_hash, new Date()]
  if (known === undefined) {
    await client.query(
      `insert into connector_resource
        (id, connector_id, resource_type, external_id, display_name, email, attributes, sync_hash, synced_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [randomUUID(), connectorId, resourceType, row.external_id, ...content],
    )
  } else if (known.sync_hash === row.sync_hash) {
    await client.query('update connector_resource set synced_at = $2, stale_since = null where id = $1', [
      known.id,
      new Date(),
    ])
  } else {
    await client.query(
      `update connector_resource set display_name = $2, email = $3, attributes = $4, sync_hash = $5,
        synced_at = $6, stale_since = null where id = $1`,
      [known.id, ...content],
    )
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}
