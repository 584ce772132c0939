import type { PreparedRecord, ResourceStore, UpsertOutcome } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { ArrayEncoding } from '../arrays.ts'
import { logChanges } from '../changes.ts'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { type LockedScope, lockScope, openScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { endQuarantine } from './keep-quarantine.ts'
import { restampEqual } from './restamp-equal.ts'
import { rowWrite } from './row-write.ts'
import { writeRows } from './write-rows.ts'

/** Stores one record outside a run and confirms it now, whatever it changed. */
export const upsertOne =
  ({ database, ...context }: StoreContext): ResourceStore['upsertOne'] =>
  ({ scope: request, record }) =>
    database.write(async (session) => {
      const scope = await openScope(session, context.tables, request)
      const row = await readRow(session, context.tables, { scope, externalId: record.externalId })
      const { outcome, statements } = await planUpsert(session, context, { scope, row, record })
      await session.runTogether(statements, { last: true })
      return outcome
    })

/** Removes one resource outside a run. */
export const removeOne =
  ({ database, tables }: StoreContext): ResourceStore['removeOne'] =>
  (ref) =>
    database.write(async (session) => {
      const { externalId } = ref
      const scope = await lockScope(session, tables, ref)
      const row = scope && (await readRow(session, tables, { scope, externalId }))
      if (!row) return false
      await session.runTogether(planRemoval(tables, session.arrays, { scope, row, externalId }), {
        last: true,
      })
      return true
    })

/** What is stored of a record in a locked scope, as far as a write must know. */
export interface StoredRow {
  readonly resourceId: string
  readonly stale: boolean
  readonly hash: string
  readonly rowEpoch: number
}

const storedColumns = sql`r.id::text as "resourceId", r.stale_since is not null as stale, r.sync_hash as hash,
  r.hash_epoch as "rowEpoch"`

/** What storing a record will come to, and the statements that are left to do. */
interface PlannedUpsert {
  readonly outcome: UpsertOutcome
  readonly statements: readonly RawBuilder<unknown>[]
}

/** For a record of a locked scope, and the row of its id. */
export async function planUpsert(
  session: Session,
  { tables, createId }: Pick<StoreContext, 'tables' | 'createId'>,
  {
    scope,
    row,
    record,
  }: { readonly scope: LockedScope; readonly row: StoredRow | undefined; readonly record: PreparedRecord },
): Promise<PlannedUpsert> {
  const { arrays } = session
  const write = rowWrite(record, row?.resourceId ?? createId())
  const outcome = row ? await outcomeOf(session, tables, { scope, row, record }) : 'created'
  const ended = endQuarantine(tables, arrays, { scope, externalIds: [record.externalId] })
  if (outcome === 'unchanged') {
    const confirmed = sql`update ${tables.rows} set synced_at = statement_timestamp()
      where id = ${write.resourceId}::uuid`
    return { outcome, statements: [ended, confirmed] }
  }
  const rows =
    outcome === 'created' ? { created: [write], rewritten: [] } : { created: [], rewritten: [write] }
  const effects = [
    writeRows(tables, arrays, { scope, generation: 0, ...rows }),
    logChanges(tables, arrays, { scope, groups: [{ kind: outcome, resources: [write] }] }),
  ].filter((effect) => effect !== undefined)
  return { outcome, statements: [ended, sql`with ${sql.join(effects)} select 1`] }
}

/** The statements that remove a row of a locked scope. */
export function planRemoval(
  tables: Tables,
  arrays: ArrayEncoding,
  {
    scope,
    row,
    externalId,
  }: { readonly scope: LockedScope; readonly row: StoredRow; readonly externalId: string },
): readonly RawBuilder<unknown>[] {
  const { resourceId, stale } = row
  const groups = [{ kind: 'removed' as const, resources: [{ resourceId, externalId }] }]
  const effects = [
    sql`removed as (delete from ${tables.rows} where id = ${resourceId}::uuid)`,
    logChanges(tables, arrays, { scope, groups, removedLive: stale ? 0 : 1 }),
  ].filter((effect) => effect !== undefined)
  return [sql`with ${sql.join(effects)} select 1`]
}

async function readRow(
  session: Session,
  tables: Tables,
  { scope, externalId }: { readonly scope: LockedScope; readonly externalId: string },
): Promise<StoredRow | undefined> {
  const [row] = await session.runPrepared(sql<StoredRow>`select ${storedColumns} from ${tables.rows} r
    where r.scope_id = ${scope.scopeId}::int and r.external_id = ${externalId}`)
  return row
}

async function outcomeOf(
  session: Session,
  tables: Tables,
  {
    scope,
    row,
    record,
  }: { readonly scope: LockedScope; readonly row: StoredRow; readonly record: PreparedRecord },
): Promise<UpsertOutcome> {
  const { resourceId, stale, rowEpoch, hash } = row
  if (stale) return 'restored'
  if (rowEpoch === scope.hashEpoch) return hash === record.hash ? 'unchanged' : 'updated'
  const equal = await restampEqual(session, tables, { scope, writes: [rowWrite(record, resourceId)] })
  return equal.has(resourceId) ? 'unchanged' : 'updated'
}
