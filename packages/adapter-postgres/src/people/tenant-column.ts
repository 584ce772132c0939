import { defaultTenantId, SyncError } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { columnType } from './host-table.ts'

/** How a table of the host's tells its tenants apart: by a column, or not at all. */
export interface TenantMapping {
  /** Name of the column; absent: all rows belong to `onlyTenant`. */
  readonly column?: string | undefined
  readonly onlyTenant?: string | undefined
  /** Where the mapping is set, for messages: `users of postgresUserDirectory`. */
  readonly option: string
}

/**
 * Refuses a tenant whose rows are not in the table. Nothing is read or changed for it.
 * @throws TENANT_NOT_SERVED
 */
export function requireServed(
  { column, onlyTenant = defaultTenantId, option }: TenantMapping,
  tenantId: string,
  types: ReadonlyMap<string, string>,
): void {
  const details = { tenantId }
  if (column === undefined) {
    if (tenantId === onlyTenant) return
    throw new SyncError(
      'TENANT_NOT_SERVED',
      `Tenant "${tenantId}" is not served: ${option} has no tenant column, so all its rows belong to tenant "${onlyTenant}". Set columns.tenantId to the column of the tenant, or onlyTenant to the one tenant of all rows.`,
      { details },
    )
  }
  const type = types.get(column) ?? 'text'
  if (columnType(type).isPossible(tenantId)) return
  throw new SyncError(
    'TENANT_NOT_SERVED',
    `Tenant "${tenantId}" is not served: it is not a value of column "${column}" of ${option}, whose type is ${type}. Give the connector the tenant id that this column contains.`,
    { details },
  )
}

/** A tenant as a value of a column, whose own type keeps the column's index. */
export const tenantValue = (tenantId: string, type: string | undefined): RawBuilder<unknown> =>
  columnType(type ?? 'text').ofText(sql`${tenantId}::text`)

/**
 * Keys as a table `g`, with the tenant beside each. `offset 0` keeps the tenant from being taken for a constant: with
 * statistics of an empty table, a planner would read all rows of the tenant along the first column of the index, for
 * each batch of keys.
 */
export const keyTable = ({ rows, names, tenant }: KeyTable): RawBuilder<unknown> =>
  tenant === undefined
    ? sql`${rows} as g(${names})`
    : sql`(select k.*, ${tenant} as tenant from ${rows} as k(${names}) offset 0) g`

interface KeyTable {
  /** What returns the keys: `unnest(…)`. */
  readonly rows: RawBuilder<unknown>
  readonly names: RawBuilder<unknown>
  readonly tenant: RawBuilder<unknown> | undefined
}

/** Condition on the tenant column of rows called `name`, against a `keyTable`; follows another condition. */
export const andTenantOf = (name: string, column: string | undefined): RawBuilder<unknown> =>
  column === undefined ? sql`` : sql`and ${sql.id(name, column)} = g.tenant`
