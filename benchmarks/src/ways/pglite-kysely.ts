import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, sql } from 'kysely'
import type { OpenWork } from '../processes/work.ts'
import { type OrdinaryDatabase, upsertPass } from './kysely-pass.ts'
import { ordinaryTable } from './ordinary-table.ts'
import { pgliteInput, temporaryFolder, timed } from './pglite-timings.ts'

/** The usual upsert on PGlite: a first load and an unchanged pass. */
export const open: OpenWork = async (input) => {
  const { records } = pgliteInput.parse(input)
  const folder = temporaryFolder()
  const pglite = await PGlite.create(folder.path)
  const database = new Kysely<OrdinaryDatabase>({ dialect: new PGliteDialect({ pglite }) })
  for (const statement of ordinaryTable) await sql.raw(statement).execute(database)
  const pass = () => timed(() => upsertPass(database, { records, steps: [] }))
  let facts = {}
  return {
    async warmUp() {},
    async run() {
      facts = { first: await pass(), unchanged: await pass() }
    },
    async facts() {
      const { rows } = await sql<{ rows: string }>`select count(*) as rows from connector_resource`.execute(
        database,
      )
      return { ...facts, counts: [Number(rows[0]?.rows)] }
    },
    async close() {
      await database.destroy()
      folder.remove()
    },
  }
}
