import { sql } from 'kysely'
import type { Session } from '../database.ts'

/**
 * For the rest of the transaction, tables are read along their indexes wherever there is one: with statistics from
 * when a table was small, a planner reads all of it for each of thousands of keys. Nothing is compiled: that takes
 * longer than what it speeds up.
 */
export async function alongIndexes(session: Session): Promise<void> {
  await session.runPrepared(
    sql`select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`,
  )
}
