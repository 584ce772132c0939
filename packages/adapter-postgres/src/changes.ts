import { type Change, type ChangeKind, type ChangeLog, type Scope, SyncError } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { ArrayEncoding } from './arrays.ts'
import type { StoreContext } from './context.ts'
import type { Session } from './database.ts'
import { type LockedScope, lockScope } from './scope-lock.ts'
import type { Tables } from './tables.ts'
import { compact, exactText, guardedText, interval, msOf } from './values.ts'

interface ChangeRow {
  readonly position: number
  readonly kind: ChangeKind
  readonly resourceId: string
  readonly externalId: string
  readonly runId: string | null
  readonly atMs: number
}

/** The change log. A page or batch is one row of arrays per kind; reading makes entries of it. */
export function changeLog({ database, tables }: StoreContext): ChangeLog {
  return {
    read: ({ scope: { connectorId, resourceType }, after, limit }) =>
      database.read(async (session) => {
        // Positions have no gaps, so the last one wanted is known.
        const last = after + limit
        const rows = await session.run(sql<ChangeRow>`
          select (c.first_position + e.ordinal - 1)::float8 as position, c.kind,
            e.resource_id::text as "resourceId", ${guardedText('e.external_id')} as "externalId", c.run_id as "runId",
            ${msOf('c.at')} as "atMs"
          from ${tables.scopes} s
          cross join lateral (select * from ${tables.changes} x where x.scope_id = s.id
            and x.first_position <= ${last}::bigint
            and x.first_position >= (select max(b.first_position) from ${tables.changes} b
              where b.scope_id = s.id and b.first_position <= ${after + 1}::bigint) offset 0) c
          cross join lateral unnest(c.resource_ids, c.external_ids)
            with ordinality as e(resource_id, external_id, ordinal)
          where s.connector_id = ${connectorId} and s.resource_type = ${resourceType}
            and c.first_position + e.ordinal - 1 between ${after + 1}::bigint and ${last}::bigint
          order by c.first_position, e.ordinal`)
        if (limit > 0 && rows[0]?.position !== after + 1) {
          await refusePruned(session, tables, { scope: { connectorId, resourceType }, after })
        }
        return rows.map((row) =>
          compact<Change>({
            connectorId,
            resourceType,
            externalId: exactText(row.externalId),
            position: row.position,
            kind: row.kind,
            resourceId: row.resourceId,
            runId: row.runId ?? undefined,
            at: new Date(row.atMs),
          }),
        )
      }),
    prune: ({ scope: of, olderThanMs, limit }) =>
      database.write(async (session) => {
        const scope = await lockScope(session, tables, of)
        if (!scope) return { count: 0, done: true }
        const ofScope = sql`scope_id = ${scope.scopeId}::int`
        // From the oldest on, up to the first that is young enough: what is left has no gap.
        const removed = await session.run(sql<{ changes: number }>`delete from ${tables.changes}
          where ctid = any(array(select o.place from (
              select c.ctid as place, bool_and(c.at < statement_timestamp() - ${interval(olderThanMs)})
                over (order by c.first_position) as old
              from (select x.ctid, x.first_position, x.at from ${tables.changes} x
                where x.${ofScope} order by x.first_position limit ${limit}::int) c
            ) o where o.old))
          returning cardinality(resource_ids) as changes`)
        const count = removed.reduce((sum, { changes }) => sum + changes, 0)
        return { count, done: removed.length < limit }
      }),
  }
}

/** @throws CHANGES_EXPIRED when the change after a position was made, but is there no more */
async function refusePruned(
  session: Session,
  tables: Tables,
  { scope, after }: { readonly scope: Scope; readonly after: number },
): Promise<void> {
  const [row] = await session.run(sql<{ newest: number; oldest: number | null }>`
    select s.change_position::float8 as newest,
      (select min(c.first_position) from ${tables.changes} c where c.scope_id = s.id)::float8 as oldest
    from ${tables.scopes} s
    where s.connector_id = ${scope.connectorId} and s.resource_type = ${scope.resourceType}`)
  if (!row) return
  const oldest = row.oldest ?? row.newest + 1
  // Written between the two looks: the next read has it.
  if (after + 1 >= oldest) return
  throw new SyncError('CHANGES_EXPIRED', `Changes up to position ${oldest - 1} were pruned`, {
    details: { oldest },
  })
}

export interface ChangedResource {
  readonly resourceId: string
  readonly externalId: string
}

/** Resources to which one thing happened. */
export interface ChangeGroup {
  readonly kind: ChangeKind
  readonly resources: readonly ChangedResource[]
}

/** Changes of a locked scope. */
export interface ScopeChanges {
  readonly scope: Pick<LockedScope, 'scopeId' | 'changePosition' | 'nextOrdinal'>
  readonly runId?: string | undefined
  readonly groups: readonly ChangeGroup[]
  /** Of the removed resources, how many were not stale. @default 0 */
  readonly removedLive?: number | undefined
}

/**
 * Statements, as parts of a `with`, that log changes of a locked scope, move its position and keep its count of
 * rows. Empty groups are left out; without any there is nothing to say.
 */
export function logChanges(
  tables: Tables,
  arrays: ArrayEncoding,
  { scope, runId, groups: given, removedLive = 0 }: ScopeChanges,
): RawBuilder<unknown> | undefined {
  const groups = given.filter(({ resources }) => resources.length > 0)
  if (groups.length === 0) return undefined
  let position = scope.changePosition
  const rows = groups.map(({ kind, resources }) => {
    const first = position + 1
    position += resources.length
    return sql`(${scope.scopeId}::int, ${first}::bigint, ${position}::bigint, ${kind},
      ${arrays.uuid(resources.map(({ resourceId }) => resourceId))},
      ${arrays.text(resources.map(({ externalId }) => externalId))}, ${runId ?? null}, statement_timestamp())`
  })
  const count = (kind: ChangeKind): number =>
    groups.find((group) => group.kind === kind)?.resources.length ?? 0
  const turned = count('staled') - count('restored')
  return sql`logged as (
      insert into ${tables.changes} (scope_id, first_position, last_position, kind, resource_ids,
        external_ids, run_id, at) values ${sql.join(rows)}
    ), moved as (
      update ${tables.scopes} set change_position = ${position}::bigint,
        next_ordinal = next_ordinal + ${count('created')}::int,
        live_rows = live_rows + ${count('created') - turned - removedLive}::int,
        stale_rows = stale_rows + ${turned - count('removed') + removedLive}::int
      where id = ${scope.scopeId}::int
    )`
}

/** The scope after its changes were logged. */
export function scopeAfter(scope: LockedScope, groups: readonly ChangeGroup[]): LockedScope {
  const changes = groups.reduce((sum, { resources }) => sum + resources.length, 0)
  const created = groups.find(({ kind }) => kind === 'created')?.resources.length ?? 0
  return {
    ...scope,
    changePosition: scope.changePosition + changes,
    nextOrdinal: scope.nextOrdinal + created,
  }
}
