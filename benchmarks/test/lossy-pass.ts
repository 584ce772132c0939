import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { OpenWork } from '../src/processes/work.ts'
import { type OrdinaryDatabase, upsertPass } from '../src/ways/kysely-pass.ts'
import { passInput } from '../src/ways/pass-input.ts'

/** The usual upsert, which then loses one row and says nothing. */
export const open: OpenWork = async (input) => {
  const { url, state } = passInput.parse(input)
  const dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) })
  const database = new Kysely<OrdinaryDatabase>({ dialect })
  let staled = 0
  return {
    async warmUp() {},
    async run() {
      staled = await upsertPass(database, state)
      const one = sql`(select id from connector_resource limit 1)`
      await sql`delete from connector_resource where id = ${one}`.execute(database)
    },
    facts: async () => ({ staled }),
    close: () => database.destroy(),
  }
}
