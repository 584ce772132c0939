import { sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { Session } from '../database.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { givenRecords } from './given-records.ts'
import type { RowWrite } from './row-write.ts'

/**
 * Hashes of another recipe say nothing: compares such rows by content, and gives the equal ones the new hash
 * without counting that as a change. Answers the ids of the equal ones.
 */
export async function restampEqual(
  session: Session,
  tables: Tables,
  { scope, writes }: { readonly scope: LockedScope; readonly writes: readonly RowWrite[] },
): Promise<ReadonlySet<string>> {
  if (writes.length === 0) return new Set()
  const equal = await session.run(sql<{ id: string }>`update ${tables.rows} r
    set sync_hash = g.hash, hash_epoch = ${scope.hashEpoch}::int
    from ${givenRecords(session.arrays, writes)}
    where r.id = g.id and ${checked(sql`r.scope_id = ${scope.scopeId}::int`)}
      and r.display_name = g.display_name and r.email is not distinct from g.email
      and r.attributes = g.attributes::jsonb
      and r.parent_resource_type is not distinct from g.parent_resource_type
      and r.parent_external_id is not distinct from g.parent_external_id
    returning r.id::text as id`)
  return new Set(equal.map(({ id }) => id))
}
