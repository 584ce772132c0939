import type { SchemaOptions } from '../connect-database.ts'
import { schemaName } from '../connect-database.ts'
import { parseUserTable, type UserTable } from './user-table.ts'

/**
 * Statements that create the indexes that look-ups of users need, for the host to run or to put into its migrations.
 * Without them each look-up reads the whole table; the source must be a table, or a view over one that has them.
 * @throws OPTIONS_INVALID
 */
export function userIndexes({
  schema,
  users,
}: SchemaOptions & { readonly users: UserTable }): readonly string[] {
  const { source, columns } = parseUserTable(users)
  const table = `${quoted(source.schema)}.${quoted(source.name)}`
  const folded = `(${quoted(schemaName(schema))}.match_text(${quoted(columns.email)}::text) collate "C")`
  const exact = [columns.sub, columns.upstreamId].flatMap((column) =>
    column === undefined ? [] : quoted(column),
  )
  return [folded, ...exact].map((key) => `create index on ${table} (${key})`)
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
