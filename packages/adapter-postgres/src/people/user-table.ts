import { SyncError, type UserStatus } from '@syncline/core'
import { z } from 'zod'
import { type HostTable, hostTableSchema, nameSchema } from './host-table.ts'

/** Where a host keeps its users. */
export interface UserTable {
  /** Table or view they are read from. Who is not in it is nobody. */
  readonly source: HostTable
  /** Names of its columns. What is left out is not known of users, and strategies that need it find nobody. */
  readonly columns: {
    /** Unique, within a tenant at least: text, uuid, bigint or integer. */
    readonly id: string
    /**
     * Tenant of a user: text, uuid, bigint or integer. A connector of a tenant reads and changes the rows of this tenant
     * only, and users are made in it.
     * @default none: see `onlyTenant`
     */
    readonly tenantId?: string | undefined
    readonly email: string
    readonly sub?: string | undefined
    readonly upstreamId?: string | undefined
    readonly upstreamIssuer?: string | undefined
    /** Text or an enum, see `statuses`. */
    readonly status?: string | undefined
    /** timestamptz: set while a user is deactivated. With or instead of a status. */
    readonly deactivatedAt?: string | undefined
    /** Filled for users that are made. */
    readonly displayName?: string | undefined
  }
  /** Table they are made and changed in, whose id has a default. @default the source */
  readonly target?: HostTable | undefined
  /** Names of the target's columns, where they are others than those of the source. */
  readonly targetColumns?:
    | {
        readonly id?: string | undefined
        readonly tenantId?: string | undefined
        readonly email?: string | undefined
        readonly status?: string | undefined
        readonly deactivatedAt?: string | undefined
        readonly displayName?: string | undefined
      }
    | undefined
  /**
   * The tenant of every user, for a table without a tenant column. Connectors of any other tenant are refused with
   * TENANT_NOT_SERVED.
   * @default 'default'
   */
  readonly onlyTenant?: string | undefined
  /**
   * What the status column says; a value of none of these counts as active. Users are made and changed with the first
   * of a list.
   * @default { active: ['active'], unconfirmed: ['unconfirmed'], deactivated: ['deactivated'] }
   */
  readonly statuses?: Readonly<Record<UserStatus, readonly string[]>> | undefined
  /** More columns of users that are made, and their values, as text: `{ plan: 'free' }`. @default none */
  readonly created?: Readonly<Record<string, string>> | undefined
}

const values = z.array(z.string()).min(1)

const changeable = {
  tenantId: nameSchema.optional(),
  status: nameSchema.optional(),
  deactivatedAt: nameSchema.optional(),
  displayName: nameSchema.optional(),
}

const schema = z.strictObject({
  source: hostTableSchema,
  columns: z
    .strictObject({
      ...changeable,
      id: nameSchema,
      email: nameSchema,
      sub: nameSchema.optional(),
      upstreamId: nameSchema.optional(),
      upstreamIssuer: nameSchema.optional(),
    })
    .refine(
      ({ status, deactivatedAt }) => status !== undefined || deactivatedAt !== undefined,
      'needs status, deactivatedAt or both: without one, nobody knows whose account is closed',
    ),
  target: hostTableSchema.optional(),
  targetColumns: z
    .strictObject({ ...changeable, id: nameSchema.optional(), email: nameSchema.optional() })
    .default({}),
  statuses: z
    .strictObject({ active: values, unconfirmed: values, deactivated: values })
    .default({ active: ['active'], unconfirmed: ['unconfirmed'], deactivated: ['deactivated'] }),
  created: z.record(nameSchema, z.string()).default({}),
  onlyTenant: z.string().min(1).optional(),
})

const checkedSchema = schema.refine(
  ({ columns, onlyTenant }) => columns.tenantId === undefined || onlyTenant === undefined,
  'columns.tenantId and onlyTenant exclude each other: give one of them',
)

/** Names of columns that tell or change a user's status. */
export type ChangeableColumns = Pick<
  UserTable['columns'],
  'id' | 'tenantId' | 'email' | 'status' | 'deactivatedAt' | 'displayName'
>

/** A `UserTable`, checked and complete. */
export interface HostUsers {
  readonly source: HostTable
  readonly columns: UserTable['columns']
  readonly target: HostTable
  readonly targetColumns: ChangeableColumns
  readonly statuses: Readonly<Record<UserStatus, readonly string[]>>
  readonly created: Readonly<Record<string, string>>
  readonly onlyTenant?: string | undefined
}

/** @throws OPTIONS_INVALID */
export function parseUserTable(given: UserTable): HostUsers {
  const parsed = checkedSchema.safeParse(given)
  if (!parsed.success) throw new SyncError('OPTIONS_INVALID', `users: ${z.prettifyError(parsed.error)}`)
  const { columns, source, target = source, targetColumns } = parsed.data
  const { id, tenantId, email, status, deactivatedAt, displayName } = columns
  return {
    ...parsed.data,
    target,
    targetColumns: {
      id: targetColumns.id ?? id,
      tenantId: targetColumns.tenantId ?? tenantId,
      email: targetColumns.email ?? email,
      status: targetColumns.status ?? status,
      deactivatedAt: targetColumns.deactivatedAt ?? deactivatedAt,
      displayName: targetColumns.displayName ?? displayName,
    },
  }
}

/** The table of ours, for hosts that have none. */
export const ownUserTable = (ourSchema: string): UserTable => ({
  source: { schema: ourSchema, name: 'local_user' },
  columns: {
    id: 'id',
    tenantId: 'tenant_id',
    email: 'email',
    sub: 'sub',
    upstreamId: 'upstream_id',
    upstreamIssuer: 'upstream_issuer',
    status: 'status',
    displayName: 'display_name',
  },
})
