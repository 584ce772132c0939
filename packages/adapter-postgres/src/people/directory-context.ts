import type { RawBuilder } from 'kysely'
import type { Database, Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import { type ColumnType, columnType, requireColumns } from './host-table.ts'
import { requireServed, tenantValue } from './tenant-column.ts'
import type { HostUsers } from './user-table.ts'

/** What every part of the user directory works with. */
export interface DirectoryContext {
  readonly database: Database
  readonly tables: Tables
  readonly users: HostUsers
  /** Types of the columns; the catalogue is asked once. */
  readonly types: (session: Session) => Promise<DirectoryTypes>
}

/** Types of the columns of a directory's tables, by their names. */
export interface DirectoryTypes {
  readonly source: ReadonlyMap<string, string>
  readonly target: ReadonlyMap<string, string>
}

/** The directory as one tenant sees it. */
export interface TenantDirectory extends Pick<DirectoryContext, 'tables' | 'users'> {
  readonly tenantId: string
  readonly id: ColumnType
  /** The tenant as a value of the tenant columns; undefined: all rows are the tenant's. */
  readonly tenant: RawBuilder<unknown> | undefined
  readonly targetTenant: RawBuilder<unknown> | undefined
}

/** @throws OPTIONS_INVALID */
export async function readTypes(
  session: Session,
  { source, columns, target, targetColumns, created }: HostUsers,
): Promise<DirectoryTypes> {
  return {
    target: await requireColumns(session, target, [...Object.values(targetColumns), ...Object.keys(created)]),
    source: await requireColumns(session, source, Object.values(columns)),
  }
}

/** @throws TENANT_NOT_SERVED, OPTIONS_INVALID */
export async function directoryOf(
  session: Session,
  { tables, users, types }: DirectoryContext,
  tenantId: string,
): Promise<TenantDirectory> {
  const { columns, targetColumns, onlyTenant } = users
  const { source, target } = await types(session)
  const option = 'the option "users" of postgresUserDirectory'
  const value = (column: string | undefined, known: ReadonlyMap<string, string>) => {
    requireServed({ column, onlyTenant, option }, tenantId, known)
    return column === undefined ? undefined : tenantValue(tenantId, known.get(column))
  }
  return {
    tables,
    users,
    tenantId,
    id: columnType(source.get(columns.id) ?? 'text'),
    tenant: value(columns.tenantId, source),
    targetTenant: value(targetColumns.tenantId, target),
  }
}
