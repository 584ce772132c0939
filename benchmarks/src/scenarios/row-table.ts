import { query } from '../server/query.ts'

/** The table the library keeps resources in, as COPY wants it named; found, not known, so that it may change. */
export async function rowTable(url: string): Promise<{ readonly table: string; readonly columns: string }> {
  const columns = await query<{ table: string; column: string }>(
    url,
    `select format('%I.%I', c.table_schema, c.table_name) as table, quote_ident(c.column_name) as column
      from information_schema.columns c
      join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'syncline' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
        and exists (select from information_schema.columns a where a.table_schema = c.table_schema
          and a.table_name = c.table_name and a.column_name = 'attributes')
        and exists (select from information_schema.columns e where e.table_schema = c.table_schema
          and e.table_name = c.table_name and e.column_name = 'sync_hash')
      order by c.ordinal_position`,
  )
  const tables = new Set(columns.map(({ table }) => table))
  const [table] = tables
  if (table === undefined || tables.size > 1) {
    throw new Error(`Expected one table of resources, found ${[...tables].join(', ') || 'none'}`)
  }
  return { table, columns: columns.map(({ column }) => column).join(', ') }
}
