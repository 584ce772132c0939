import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { givenRecords } from './given-records.ts'
import type { RowWrite } from './row-write.ts'

/** Writes new, changed and restored rows with one statement. */
export async function writeRows(
  session: Session,
  tables: Tables,
  request: {
    readonly scope: LockedScope
    /** 0 for a direct write, which leaves the mark of the generation that counted the row. */
    readonly generation: number
    readonly created: readonly RowWrite[]
    readonly updated: readonly RowWrite[]
    readonly restored: readonly RowWrite[]
  },
): Promise<void> {
  const { scope, generation, created, updated, restored } = request
  const rewritten = [...updated, ...restored]
  // In the order of the index they go into.
  const writes = [...created, ...rewritten].toSorted((left, right) =>
    left.externalId < right.externalId ? -1 : 1,
  )
  if (writes.length === 0) return
  await session.run(sql`insert into ${tables.rows} as kept (id, scope_id, external_id, display_name, email,
      attributes, parent_resource_type, parent_external_id, sync_hash, hash_epoch, written_generation,
      synced_at, created_at)
    select g.id, ${scope.scopeId}::int, g.external_id, g.display_name, g.email, g.attributes::jsonb,
      g.parent_resource_type, g.parent_external_id, g.hash, ${scope.hashEpoch}::int, ${generation}::int,
      statement_timestamp(), statement_timestamp()
    from ${givenRecords(writes)} ${rewritten.length > 0 ? replacement : sql``}`)
}

/** Left out when all are new: the scope is locked, so they still are, and asking costs a fifth. */
const replacement: RawBuilder<unknown> = sql`on conflict (scope_id, external_id) do update set
  display_name = excluded.display_name, email = excluded.email, attributes = excluded.attributes,
  parent_resource_type = excluded.parent_resource_type, parent_external_id = excluded.parent_external_id,
  sync_hash = excluded.sync_hash, hash_epoch = excluded.hash_epoch, synced_at = excluded.synced_at,
  written_generation = case when excluded.written_generation = 0 then kept.written_generation
    else excluded.written_generation end,
  stale_since = null`
