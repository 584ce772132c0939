import type { PageCommit, RejectedRecord } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { ArrayEncoding } from '../arrays.ts'
import type { Session } from '../database.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import type { PagePart } from './page-part.ts'

// A page's entries in the seen log: rows of rejected records; then, for each part, rows it met and rows it added.
const heldPart = 0
export const comparedPart = (number: number): number => 2 * number + 1
const addedPart = (number: number): number => 2 * number + 2

/** The ids a filter left out are noted with the first part. */
export const excludedOf = (arrays: ArrayEncoding, { number, commit }: PagePart): RawBuilder<unknown> =>
  arrays.text(number === 0 ? commit.excluded : [])

/** Part of a `with`: notes new rows, which are numbered one after the other, as seen. */
export function noteAdded(
  tables: Tables,
  arrays: ArrayEncoding,
  request: { readonly part: PagePart; readonly count: number; readonly compared: boolean },
): RawBuilder<unknown> | undefined {
  const { part, count, compared } = request
  // A part that was not compared has no entry yet, and every page needs one.
  if (compared && count === 0) return undefined
  const { scope, number, commit } = part
  const excluded = compared ? sql`'{}'::text[]` : excludedOf(arrays, part)
  const first = scope.nextOrdinal
  return sql`noted as (
      insert into ${tables.seenPages} (scope_id, generation, page_number, part, kept, ordinals, excluded)
      values (${scope.scopeId}::int, ${commit.generation}::int, ${commit.pageNumber}::int,
        ${addedPart(number)}::int, true,
        array(select generate_series(${first}::int, ${first + count - 1}::int)), ${excluded})
    )`
}

/** Notes the rows of rejected records as seen, though not kept. */
export async function holdRejected(
  session: Session,
  tables: Tables,
  page: {
    readonly scope: LockedScope
    readonly commit: PageCommit
    readonly rejected: readonly RejectedRecord[]
  },
): Promise<void> {
  const { scope, commit, rejected } = page
  const ids = rejected.flatMap(({ externalId }) => externalId ?? [])
  if (ids.length === 0) return
  const scopeId = sql`${scope.scopeId}::int`
  await session.run(sql`insert into ${tables.seenPages}
      (scope_id, generation, page_number, part, kept, ordinals)
    values (${scopeId}, ${commit.generation}::int, ${commit.pageNumber}::int, ${heldPart}::int, false,
      array(select r.ordinal from unnest(${session.arrays.text(ids)}) as g(external_id)
        cross join lateral (select x.ordinal from ${tables.rows} x
          where x.scope_id = ${scopeId} and x.external_id = g.external_id limit 1) r))`)
}
