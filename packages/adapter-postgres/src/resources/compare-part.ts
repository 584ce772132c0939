import type { PreparedRecord } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { ArrayEncoding } from '../arrays.ts'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import type { PagePart } from './page-part.ts'
import { partKeys } from './pages-ahead.ts'
import { restampEqual } from './restamp-equal.ts'
import { type RowWrite, rowWrite } from './row-write.ts'
import { comparedPart, excludedOf } from './seen-page.ts'

/** What a part changes. Records that are in none of the lists are stored already as they are. */
export interface PartPlan {
  /** Without ids: making those is left to the writing. */
  readonly created: readonly PreparedRecord[]
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
  /** Place in the part, from 1. */
  readonly place: number
  readonly resourceId: string | null
  readonly sameHash: boolean | null
  readonly sameRecipe: boolean | null
  readonly stale: boolean
  /** This generation wrote the row before, and counted it. */
  readonly counted: boolean | null
}

/** The plan for records that are taken to be new. */
export const newPart = ({ records }: PagePart): PartPlan => ({
  created: records,
  updated: [],
  restored: [],
  counts: { added: records.length, updated: 0, unchanged: 0, restored: 0 },
})

/** Compares records with what is stored, notes which rows they met, and says what is to be written. */
export async function comparePart(session: Session, tables: Tables, part: PagePart): Promise<PartPlan> {
  const { scope, records } = part
  const created: PreparedRecord[] = []
  const updated: RowWrite[] = []
  const restored: RowWrite[] = []
  const rehashed: RowWrite[] = []
  const counted = new Set<string>()
  const found = await session.runPrepared(differences(tables, session.arrays, part))
  for (const difference of found.toSorted((left, right) => left.place - right.place)) {
    const record = records[difference.place - 1]
    if (!record) continue
    const { resourceId } = difference
    if (resourceId === null) {
      created.push(record)
      continue
    }
    if (difference.counted) counted.add(resourceId)
    const write = rowWrite(record, resourceId)
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
      unchanged: records.length - found.length + equalOnce,
      restored: once(restored),
    },
  }
}

/**
 * `lateral … limit 1` keeps the planner on the unique index whatever its statistics say: a plain join is at times
 * planned as a scan of the whole table per page. Only differences come back; the rows met go into the seen log
 * without leaving the database.
 */
function differences(tables: Tables, arrays: ArrayEncoding, part: PagePart): RawBuilder<Difference> {
  const { scope, records, number, commit, ahead } = part
  const { externalIds, hashes } = ahead?.keys ?? partKeys(arrays, records)
  const { generation, pageNumber } = commit
  const scopeId = sql`${scope.scopeId}::int`
  const epoch = sql`${scope.hashEpoch}::int`
  return sql<Difference>`with compared as materialized (
      select g.place, g.hash, r.id, r.ordinal, r.sync_hash, r.hash_epoch, r.stale_since, r.written_generation
      from unnest(${externalIds}, ${hashes}) with ordinality as g(external_id, hash, place)
      left join lateral (
        select x.id, x.ordinal, x.sync_hash, x.hash_epoch, x.stale_since, x.written_generation
        from ${tables.rows} x
        where x.scope_id = ${scopeId} and x.external_id = g.external_id limit 1
      ) r on true
    ), seen as (
      insert into ${tables.seenPages} (scope_id, generation, page_number, part, kept, ordinals, excluded)
      select ${scopeId}, ${generation}::int, ${pageNumber}::int, ${comparedPart(number)}::int, true,
        coalesce(array_agg(ordinal) filter (where ordinal is not null), '{}'), ${excludedOf(arrays, part)}
      from compared
    )
    select place::int as place, id::text as "resourceId", sync_hash = hash as "sameHash",
      hash_epoch = ${epoch} as "sameRecipe", stale_since is not null as stale,
      written_generation = ${generation}::int as counted
    from compared
    where sync_hash is distinct from hash or hash_epoch <> ${epoch}
      or stale_since is not null or written_generation = ${generation}::int`
}
