import { SyncError } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import type { Session } from '../database.ts'
import { isUuid } from './uuid.ts'

/** A table or view of the host's. */
export interface HostTable {
  readonly schema: string
  readonly name: string
}

/** Any name: statements quote it. PostgreSQL cuts names at 63 bytes. */
export const nameSchema = z
  .string()
  .min(1)
  .refine(
    (name) => Buffer.byteLength(name) <= 63 && !name.includes('\0'),
    'must be a name of at most 63 bytes',
  )

export const hostTableSchema = z.strictObject({ schema: nameSchema, name: nameSchema })

export const tableOf = ({ schema, name }: HostTable): RawBuilder<unknown> => sql.id(schema, name)

/** How texts are compared with a column, without losing the column's index. */
export interface ColumnType {
  /** SQL that makes a value of the column's type of a text. */
  readonly ofText: (text: RawBuilder<unknown>) => RawBuilder<unknown>
  /** Whether a text can be such a value at all. */
  readonly isPossible: (text: string) => boolean
}

const integer = /^(?:0|-?[1-9]\d{0,17})$/

const kinds: Readonly<Record<string, (text: string) => boolean>> = {
  uuid: isUuid,
  bigint: (text) => integer.test(text),
  integer: (text) => integer.test(text) && Math.abs(Number(text)) < 2 ** 31,
}

/** By the name that the catalogue has for the type. */
export function columnType(type: string): ColumnType {
  const isPossible = kinds[type]
  return {
    ofText: isPossible ? (text) => sql`${text}::${sql.raw(type)}` : (text) => text,
    isPossible: isPossible ?? ((text) => !text.includes('\0')),
  }
}

/** Types of the columns of a table, which must have these. @throws OPTIONS_INVALID */
export async function requireColumns(
  session: Session,
  { schema, name }: HostTable,
  columns: readonly (string | undefined)[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await session.run(sql<{ column: string; type: string }>`
    select a.attname as column, pg_catalog.format_type(a.atttypid, null) as type
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = ${name} and a.attnum > 0 and not a.attisdropped`)
  const types = new Map(rows.map(({ column, type }) => [column, type]))
  const missing = columns.filter((column) => column !== undefined && !types.has(column))
  if (missing.length === 0) return types
  throw new SyncError(
    'OPTIONS_INVALID',
    `There is no ${missing.map((column) => `"${column}"`).join(', ')} in ${schema}.${name}; check the names of tables and columns`,
    { details: { schema, table: name } },
  )
}
