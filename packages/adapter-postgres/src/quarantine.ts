import type { QuarantinedRecord, QuarantineReason, QuarantineStore, Scope } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from './context.ts'
import { compact, exactText, guardedText, msOf, optionalText } from './values.ts'

interface QuarantineRow {
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
  const ofScope = ({ connectorId, resourceType }: Scope): RawBuilder<unknown> =>
    sql`from ${tables.quarantine} q join ${tables.scopes} s on s.id = q.scope_id
      where s.connector_id = ${connectorId} and s.resource_type = ${resourceType}`
  return {
    list: ({ scope, limit, offset = 0 }) =>
      database.read(async (session) => {
        const rows =
          await session.run(sql<QuarantineRow>`select ${guardedText('q.external_id')} as "externalId", q.generation,
          q.page_number as "pageNumber", q.position, q.reason, ${guardedText('q.detail')} as detail, q.run_id as "runId",
          ${msOf('q.quarantined_at')} as "quarantinedMs"
          ${ofScope(scope)} order by q.id desc limit ${limit}::int offset ${offset}::int`)
        return rows.map((row) => toQuarantined(scope, row))
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

const toQuarantined = ({ connectorId, resourceType }: Scope, row: QuarantineRow): QuarantinedRecord =>
  compact<QuarantinedRecord>({
    connectorId,
    resourceType,
    externalId: optionalText(row.externalId),
    position: row.position,
    reason: row.reason,
    detail: exactText(row.detail),
    generation: row.generation,
    pageNumber: row.pageNumber,
    runId: row.runId,
    quarantinedAt: new Date(row.quarantinedMs),
  })
