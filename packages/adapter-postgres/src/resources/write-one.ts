import type { PreparedRecord, ResourceStore, UpsertOutcome } from '@syncline/core'
import { sql } from 'kysely'
import { logChanges } from '../changes.ts'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { type LockedScope, lockScope, openScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { endQuarantine } from './keep-quarantine.ts'
import { type SweptRow, sweptColumns, sweptResource } from './record-sweep.ts'
import { restampEqual } from './restamp-equal.ts'
import { rowWrite } from './row-write.ts'
import { writeRows } from './write-rows.ts'

/** Stores one record outside a run and confirms it now, whatever it changed. */
export const upsertOne =
  ({ database, ...context }: StoreContext): ResourceStore['upsertOne'] =>
  ({ scope: request, record }) =>
    database.write(async (session) => {
      const scope = await openScope(session, context.tables, request)
      return upsertInScope(session, context, { scope, record })
    })

/** The same within a transaction that has locked the scope. */
export async function upsertInScope(
  session: Session,
  { tables, createId }: Pick<StoreContext, 'tables' | 'createId'>,
  { scope, record }: { readonly scope: LockedScope; readonly record: PreparedRecord },
): Promise<UpsertOutcome> {
  const row = await readRow(session, tables, { scope, record })
  const write = rowWrite(record, row?.resourceId ?? createId())
  const outcome = row ? await outcomeOf(session, tables, { scope, row, record }) : 'created'
  await endQuarantine(session, tables, { scope, externalIds: [record.externalId] })
  if (outcome === 'unchanged') {
    await session.run(
      sql`update ${tables.rows} set synced_at = statement_timestamp() where id = ${write.resourceId}::uuid`,
    )
    return outcome
  }
  const { arrays } = session
  const rows =
    outcome === 'created' ? { created: [write], rewritten: [] } : { created: [], rewritten: [write] }
  const effects = [
    writeRows(tables, arrays, { scope, generation: 0, ...rows }),
    logChanges(tables, arrays, { scope, groups: [{ kind: outcome, resources: [write] }] }),
  ].filter((effect) => effect !== undefined)
  await session.run(sql`with ${sql.join(effects)} select 1`)
  return outcome
}

/** Removes one resource outside a run. */
export const removeOne =
  ({ database, tables }: StoreContext): ResourceStore['removeOne'] =>
  (ref) =>
    database.write(async (session) => {
      const scope = await lockScope(session, tables, ref)
      return scope ? removeInScope(session, tables, { scope, externalId: ref.externalId }) : false
    })

/** The same within a transaction that has locked the scope. */
export async function removeInScope(
  session: Session,
  tables: Tables,
  { scope, externalId }: { readonly scope: LockedScope; readonly externalId: string },
): Promise<boolean> {
  const [removed] = await session.run(sql<SweptRow & { readonly live: boolean }>`delete from ${tables.rows}
    where scope_id = ${scope.scopeId}::int and external_id = ${externalId}
    returning ${sweptColumns}, stale_since is null as live`)
  if (!removed) return false
  const groups = [{ kind: 'removed' as const, resources: [sweptResource(removed)] }]
  const logged = logChanges(tables, session.arrays, { scope, groups, removedLive: removed.live ? 1 : 0 })
  if (logged) await session.run(sql`with ${logged} select 1`)
  return true
}

interface StoredState {
  readonly resourceId: string
  readonly stale: boolean
  readonly sameHash: boolean
  readonly sameRecipe: boolean
}

async function readRow(
  session: Session,
  tables: Tables,
  { scope, record }: { readonly scope: LockedScope; readonly record: PreparedRecord },
): Promise<StoredState | undefined> {
  const [row] = await session.run(sql<StoredState>`select id::text as "resourceId",
    stale_since is not null as stale, sync_hash = ${record.hash} as "sameHash",
    hash_epoch = ${scope.hashEpoch}::int as "sameRecipe"
    from ${tables.rows} where scope_id = ${scope.scopeId}::int and external_id = ${record.externalId}`)
  return row
}

async function outcomeOf(
  session: Session,
  tables: Tables,
  {
    scope,
    row,
    record,
  }: { readonly scope: LockedScope; readonly row: StoredState; readonly record: PreparedRecord },
): Promise<UpsertOutcome> {
  const { resourceId, stale, sameRecipe, sameHash } = row
  if (stale) return 'restored'
  if (sameRecipe) return sameHash ? 'unchanged' : 'updated'
  const equal = await restampEqual(session, tables, { scope, writes: [rowWrite(record, resourceId)] })
  return equal.has(resourceId) ? 'unchanged' : 'updated'
}
