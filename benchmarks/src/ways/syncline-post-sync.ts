import { openPostgresStore, postgresUserDirectory } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import pg from 'pg'
import type { OpenWork } from '../processes/work.ts'
import { localUser } from '../upstream/local-users.ts'
import { people, preparedConnector } from '../upstream/prepared-connector.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import { loadStates } from './load-states.ts'
import { passInput } from './pass-input.ts'

/** A post-sync over a loaded database: the primary strategy and two fallbacks against the users there are. */
export const open: OpenWork = async (input) => {
  const { url, warmUpUrl, warmUpRecords, state } = passInput.parse(input)
  let facts = {}
  const opened = await openPostSync(url, state)
  return {
    async warmUp() {
      const small: UpstreamState = { records: warmUpRecords, steps: [] }
      await loadStates(warmUpUrl, [small])
      await insertUsers(warmUpUrl, 2 * warmUpRecords)
      const other = await openPostSync(warmUpUrl, small)
      await other.run()
      await other.run()
      await other.close()
    },
    async run() {
      facts = await opened.run()
    },
    facts: async () => facts,
    close: () => opened.close(),
  }
}

async function openPostSync(url: string, state: UpstreamState) {
  const store = await openPostgresStore({ connectionString: url, migrate: true })
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  const users = postgresUserDirectory({ pool })
  const syncline = createSyncline({ store, users, connectorTypes: [preparedConnector(() => state)] })
  return {
    async run() {
      await syncline.configs.save({
        ...people,
        userMatchStrategy: 'email',
        userMatchFallbackStrategies: ['upstream_identity', 'external_id'],
      })
      const { status, stats } = await syncline.postSync.run(people)
      const { matched, unmatched, ambiguous, changed } = stats
      return { status, matched, unmatched, ambiguous, changed }
    },
    async close() {
      await users.close()
      await pool.end()
      await store.close()
    },
  }
}

const usersPerInsert = 10_000

/** The users of the host, in the table of ours. */
export async function insertUsers(url: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (let first = 0; first < count; first += usersPerInsert) {
    const length = Math.min(usersPerInsert, count - first)
    const rows = Array.from({ length }, (_, place) => localUser(first + place))
    await client.query(
      `insert into syncline.local_user (id, email, sub, upstream_id)
        select id, email, sub, upstream_id from json_populate_recordset(null::syncline.local_user, $1) on conflict do nothing`,
      [JSON.stringify(rows)],
    )
  }
  await client.end()
}
