import { createHash } from 'node:crypto'
import type { SchemaOptions } from '../connect-database.ts'
import { schemaName } from '../connect-database.ts'
import { parseUserTable, type UserTable } from './user-table.ts'

/**
 * Statements that create the indexes that look-ups of users need, for the host to run or to put into its migrations.
 * Running them again changes nothing. Without them each look-up reads the whole table; the source must be a table, or a
 * view over one that has them.
 * @throws OPTIONS_INVALID
 */
export function userIndexes({
  schema,
  users,
}: SchemaOptions & { readonly users: UserTable }): readonly string[] {
  const { source, columns } = parseUserTable(users)
  const ours = schemaName(schema)
  const tenant = columns.tenantId === undefined ? [] : [quoted(columns.tenantId)]
  const email = {
    of: columns.email,
    key: `(${quoted(ours)}.match_text(${quoted(columns.email)}::text) collate "C")`,
  }
  const exact = [columns.sub, columns.upstreamId].flatMap((column) =>
    column === undefined ? [] : { of: column, key: quoted(column) },
  )
  return [email, ...exact].map(({ of, key }) => {
    // The key first: all indexes that begin with the tenant look equally good to a planner without statistics.
    const keys = [key, ...tenant].join(', ')
    const name = indexName(`${source.name}_${of}`, `${ours} ${keys}`)
    return `create index if not exists ${quoted(name)} on ${quoted(source.schema)}.${quoted(source.name)} (${keys})`
  })
}

/** At most 63 bytes. The digest changes with what is indexed: an index of other columns is not mistaken for this one. */
function indexName(readable: string, indexed: string): string {
  const digest = createHash('sha256').update(indexed, 'utf8').digest('hex').slice(0, 8)
  const letters = Array.from(readable)
  while (Buffer.byteLength(letters.join('')) > mostReadable) letters.pop()
  return `syncline_${letters.join('')}_${digest}`
}

const mostReadable = 63 - 'syncline_'.length - '_12345678'.length

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
