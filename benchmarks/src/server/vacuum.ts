import { query } from './query.ts'

/** Vacuums and analyses all tables that are not the system's, as autovacuum would have done by the next sync. */
export async function vacuum(url: string): Promise<void> {
  const tables = await query<{ name: string }>(
    url,
    `select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables`,
  )
  await query(url, `vacuum (analyze) ${tables.map(({ name }) => name).join(', ')}`)
}
