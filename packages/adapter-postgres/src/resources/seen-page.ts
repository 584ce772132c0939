import type { PageCommit, RejectedRecord } from '@syncline/core'
import { sql } from 'kysely'
import { textArray, uuidArray } from '../array-literals.ts'
import type { Session } from '../database.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import type { RowWrite } from './row-write.ts'

/** Adds to the page's entry of the seen log what the comparison could not know: new rows, and rows of rejected records. */
export async function completeSeenPage(
  session: Session,
  tables: Tables,
  page: {
    readonly scope: LockedScope
    readonly commit: PageCommit
    readonly created: readonly RowWrite[]
    readonly rejected: readonly RejectedRecord[]
  },
): Promise<void> {
  const { commit, created, rejected } = page
  const scopeId = sql`${page.scope.scopeId}::int`
  const rejectedIds = rejected.flatMap(({ externalId }) => externalId ?? [])
  if (created.length === 0 && rejectedIds.length === 0) return
  const held = sql`coalesce((select array_agg(r.id) from ${tables.rows} r
    where r.scope_id = ${scopeId} and r.external_id = any(${textArray(rejectedIds)})), '{}')`
  await session.run(sql`update ${tables.seenPages}
    set resource_ids = resource_ids || ${uuidArray(created.map(({ resourceId }) => resourceId))},
      held_ids = ${rejectedIds.length > 0 ? held : sql`held_ids`}
    where scope_id = ${scopeId} and generation = ${commit.generation}::int
      and page_number = ${commit.pageNumber}::int`)
}
