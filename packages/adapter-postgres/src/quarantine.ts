import type { QuarantinedRecord, QuarantineQuery, QuarantineReason, QuarantineStore } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from './context.ts'
import { compact, exactText, guardedText, msOf, optionalText } from './values.ts'

interface QuarantineRow {
  readonly entryId: number
  readonly connectorId: string
  readonly resourceType: string
  readonly externalId: string | null
  readonly generation: number
  readonly pageNumber: number
  readonly position: number
  readonly reason: QuarantineReason
  readonly detail: string
  readonly runId: string
  readonly quarantinedMs: number
}

/** Reads what pages put into quarantine. */
export function quarantineStore({ database, tables }: StoreContext): QuarantineStore {
  const ofScope = ({ connectorId, resourceType }: QuarantineQuery): RawBuilder<unknown> =>
    sql`from ${tables.quarantine} q join ${tables.scopes} s on s.id = q.scope_id
      where s.connector_id = ${connectorId} and s.resource_type = coalesce(${resourceType ?? null}, s.resource_type)`
  return {
    list: ({ scope, limit, offset = 0, before }) =>
      database.read(async (session) => {
        const rows = await session.run(sql<QuarantineRow>`select q.id::float8 as "entryId",
          s.connector_id as "connectorId", s.resource_type as "resourceType",
          ${guardedText('q.external_id')} as "externalId", q.generation,
          q.page_number as "pageNumber", q.position, q.reason, ${guardedText('q.detail')} as detail, q.run_id as "runId",
          ${msOf('q.quarantined_at')} as "quarantinedMs"
          ${ofScope(scope)} and (${before ?? null}::bigint is null or q.id < ${before ?? null}::bigint)
          order by q.id desc limit ${limit}::int offset ${offset}::int`)
        return rows.map(toQuarantined)
      }),
    count: (scope) =>
      database.read(async (session) => {
        const [row] = await session.run(
          sql<{ count: number }>`select count(*)::int as count ${ofScope(scope)}`,
        )
        return row?.count ?? 0
      }),
  }
}

const toQuarantined = (row: QuarantineRow): QuarantinedRecord =>
  compact<QuarantinedRecord>({
    entryId: row.entryId,
    connectorId: row.connectorId,
    resourceType: row.resourceType,
    externalId: optionalText(row.externalId),
    position: row.position,
    reason: row.reason,
    detail: exactText(row.detail),
    generation: row.generation,
    pageNumber: row.pageNumber,
    runId: row.runId,
    quarantinedAt: new Date(row.quarantinedMs),
  })
