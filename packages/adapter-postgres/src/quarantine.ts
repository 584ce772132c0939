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
    resourceType === undefined
      ? sql`s.connector_id = ${connectorId}`
      : sql`s.connector_id = ${connectorId} and s.resource_type = ${resourceType}`
  return {
    list: ({ scope, limit, offset = 0, before }) =>
      database.read(async (session) => {
        // Each scope gives its own newest entries; they are few, and merged.
        const rows = await session.run(sql<QuarantineRow>`select q.id::float8 as "entryId",
          s.connector_id as "connectorId", s.resource_type as "resourceType",
          ${guardedText('q.external_id')} as "externalId", q.generation,
          q.page_number as "pageNumber", q.position, q.reason, ${guardedText('q.detail')} as detail, q.run_id as "runId",
          ${msOf('q.quarantined_at')} as "quarantinedMs"
          from ${tables.scopes} s cross join lateral (select * from ${tables.quarantine} x
            where x.scope_id + 0 = s.id and x.id < ${before ?? Number.MAX_SAFE_INTEGER}::bigint
            order by x.id desc limit ${limit + offset}::int) q
          where ${ofScope(scope)} order by q.id desc limit ${limit}::int offset ${offset}::int`)
        return rows.map(toQuarantined)
      }),
    count: (scope) =>
      database.read(async (session) => {
        const [row] = await session.run(
          sql<{ count: number }>`select count(*)::int as count
            from ${tables.scopes} s join ${tables.quarantine} q on q.scope_id + 0 = s.id where ${ofScope(scope)}`,
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
