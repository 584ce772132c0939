import { SyncError } from '@syncline/core'
import { z } from 'zod'
import { type HostTable, hostTableSchema, nameSchema } from './host-table.ts'

/** Where a host keeps the profiles of its users: a table, not a view, whose row versions are PostgreSQL's own. */
export interface ProfileTable {
  readonly table: HostTable
  readonly columns: {
    /** Unique: text, uuid, bigint or integer. */
    readonly userId: string
    /** json or jsonb: an object of all fields that have no column of their own. */
    readonly attributes: string
    /** json or jsonb: who wrote each field. */
    readonly attributeSources: string
    /** Fields with a column of their own, text each: `{ title: 'job_title' }`. @default none */
    readonly fields?: Readonly<Record<string, string>> | undefined
  }
  /**
   * Whether a user without a row gets one. Switch it off where rows are the users themselves.
   * @default true
   */
  readonly insertsRows?: boolean | undefined
}

const schema = z.strictObject({
  table: hostTableSchema,
  columns: z.strictObject({
    userId: nameSchema,
    attributes: nameSchema,
    attributeSources: nameSchema,
    fields: z.record(z.string(), nameSchema).default({}),
  }),
  insertsRows: z.boolean().default(true),
})

export type ParsedProfileTable = z.infer<typeof schema>

/** @throws OPTIONS_INVALID */
export function parseProfileTable(given: ProfileTable): ParsedProfileTable {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new SyncError('OPTIONS_INVALID', `profiles: ${z.prettifyError(parsed.error)}`)
}

/** The table of ours, for hosts that have none. */
export const ownProfileTable = (ourSchema: string): ProfileTable => ({
  table: { schema: ourSchema, name: 'user_profile' },
  columns: { userId: 'user_id', attributes: 'attributes', attributeSources: 'attribute_sources' },
})
