import { SyncError } from '@syncline/core'
import { z } from 'zod'
import { type HostTable, hostTableSchema, nameSchema } from './host-table.ts'

/** Where a host keeps the profiles of its users: a table, not a view, whose row versions are PostgreSQL's own. */
export interface ProfileTable {
  readonly table: HostTable
  readonly columns: {
    /** Unique, within a tenant at least: text, uuid, bigint or integer. */
    readonly userId: string
    /** Tenant of the user: text, uuid, bigint or integer. @default none: see `onlyTenant` */
    readonly tenantId?: string | undefined
    /** json or jsonb: an object of all fields that have no column of their own. */
    readonly attributes: string
    /** json or jsonb: who wrote each field. */
    readonly attributeSources: string
    /** Fields with a column of their own, text each: `{ title: 'job_title' }`. @default none */
    readonly fields?: Readonly<Record<string, string>> | undefined
  }
  /**
   * The tenant of every profile, for a table without a tenant column. Connectors of any other tenant are refused with
   * TENANT_NOT_SERVED.
   * @default 'default'
   */
  readonly onlyTenant?: string | undefined
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
    tenantId: nameSchema.optional(),
    attributes: nameSchema,
    attributeSources: nameSchema,
    fields: z.record(z.string(), nameSchema).default({}),
  }),
  insertsRows: z.boolean().default(true),
  onlyTenant: z.string().min(1).optional(),
})

const checkedSchema = schema.refine(
  ({ columns, onlyTenant }) => columns.tenantId === undefined || onlyTenant === undefined,
  'columns.tenantId and onlyTenant exclude each other: give one of them',
)

export type ParsedProfileTable = z.infer<typeof schema>

/** @throws OPTIONS_INVALID */
export function parseProfileTable(given: ProfileTable): ParsedProfileTable {
  const parsed = checkedSchema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new SyncError('OPTIONS_INVALID', `profiles: ${z.prettifyError(parsed.error)}`)
}

/** The table of ours, for hosts that have none. */
export const ownProfileTable = (ourSchema: string): ProfileTable => ({
  table: { schema: ourSchema, name: 'user_profile' },
  columns: {
    userId: 'user_id',
    tenantId: 'tenant_id',
    attributes: 'attributes',
    attributeSources: 'attribute_sources',
  },
})
