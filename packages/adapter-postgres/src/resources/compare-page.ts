import type { PageCommit } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { textArray } from '../array-literals.ts'
import type { Session } from '../database.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { restampEqual } from './restamp-equal.ts'
import type { RowWrite } from './row-write.ts'

/** What a page changes. Records that are in none of the lists are stored already as they are. */
export interface PagePlan {
  readonly created: readonly RowWrite[]
  readonly updated: readonly RowWrite[]
  readonly restored: readonly RowWrite[]
  /** What the run counts: without rows this generation has counted before. */
  readonly counts: {
    readonly added: number
    readonly updated: number
    readonly unchanged: number
    readonly restored: number
  }
}

/** A record that differs from its row, or whose row says more than its hash. */
interface Difference {
  /** Place in the page, from 1. */
  readonly ordinal: number
  readonly resourceId: string | null
  readonly sameHash: boolean | null
  readonly sameRecipe: boolean | null
  readonly stale: boolean
  /** This generation wrote the row before, and counted it. */
  readonly counted: boolean | null
}

interface Comparison {
  readonly scope: LockedScope
  readonly commit: PageCommit
  readonly createId: () => string
}

/** Compares a page with what is stored, notes what it saw, and says what is to be written. */
export async function comparePage(session: Session, tables: Tables, request: Comparison): Promise<PagePlan> {
  const { scope, commit, createId } = request
  const created: RowWrite[] = []
  const updated: RowWrite[] = []
  const restored: RowWrite[] = []
  const rehashed: RowWrite[] = []
  const counted = new Set<string>()
  const found = await session.run(differences(tables, request))
  for (const difference of found.toSorted((left, right) => left.ordinal - right.ordinal)) {
    const record = commit.records[difference.ordinal - 1]
    if (!record) continue
    const { resourceId } = difference
    if (resourceId === null) {
      created.push({ ...record, resourceId: createId() })
      continue
    }
    if (difference.counted) counted.add(resourceId)
    const write = { ...record, resourceId }
    if (difference.stale) restored.push(write)
    else if (!difference.sameRecipe) rehashed.push(write)
    else if (!difference.sameHash) updated.push(write)
  }
  const equal = await restampEqual(session, tables, { scope, writes: rehashed })
  for (const write of rehashed) if (!equal.has(write.resourceId)) updated.push(write)
  const once = (writes: readonly RowWrite[]): number =>
    writes.filter(({ resourceId }) => !counted.has(resourceId)).length
  const equalOnce = once(rehashed.filter(({ resourceId }) => equal.has(resourceId)))
  return {
    created,
    updated,
    restored,
    counts: {
      added: created.length,
      updated: once(updated),
      unchanged: commit.records.length - found.length + equalOnce,
      restored: once(restored),
    },
  }
}

/**
 * `lateral … limit 1` keeps the planner on the unique index whatever its statistics say: a plain join is at times
 * planned as a scan of the whole table per page. Only differences come back; the ids met go into the seen log
 * without leaving the database.
 */
function differences(tables: Tables, { scope, commit }: Comparison): RawBuilder<Difference> {
  const { records, generation, pageNumber, excluded } = commit
  const scopeId = sql`${scope.scopeId}::int`
  return sql<Difference>`with compared as materialized (
      select g.ordinal, g.hash, r.id, r.sync_hash, r.hash_epoch, r.stale_since, r.written_generation
      from unnest(${textArray(records.map(({ externalId }) => externalId))},
        ${textArray(records.map(({ hash }) => hash))}) with ordinality as g(external_id, hash, ordinal)
      left join lateral (
        select x.id, x.sync_hash, x.hash_epoch, x.stale_since, x.written_generation from ${tables.rows} x
        where x.scope_id = ${scopeId} and x.external_id = g.external_id limit 1
      ) r on true
    ), seen as (
      insert into ${tables.seenPages} (scope_id, generation, page_number, resource_ids, excluded)
      select ${scopeId}, ${generation}::int, ${pageNumber}::int,
        coalesce(array_agg(id) filter (where id is not null), '{}'), ${textArray(excluded)}
      from compared
    )
    select ordinal::int as ordinal, id::text as "resourceId", sync_hash = hash as "sameHash",
      hash_epoch = ${scope.hashEpoch}::int as "sameRecipe", stale_since is not null as stale,
      written_generation = ${generation}::int as counted
    from compared
    where sync_hash is distinct from hash or hash_epoch <> ${scope.hashEpoch}::int
      or stale_since is not null or written_generation = ${generation}::int`
}
