import { type RawBuilder, sql } from 'kysely'
import type { ArrayEncoding } from '../arrays.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { givenRecords } from './given-records.ts'
import type { RowWrite } from './row-write.ts'

/** Rows of a locked scope that are to be written. */
export interface RowWrites {
  readonly scope: LockedScope
  /** 0 for a direct write, which leaves the mark of the generation that counted the row. */
  readonly generation: number
  readonly created: readonly RowWrite[]
  /** Rows that are there. */
  readonly rewritten: readonly RowWrite[]
}

/** Part of a `with`: writes new, changed and restored rows. New rows are numbered in their order. */
export function writeRows(
  tables: Tables,
  arrays: ArrayEncoding,
  { scope, generation, created, rewritten }: RowWrites,
): RawBuilder<unknown> | undefined {
  const writes = [...created, ...rewritten]
  if (writes.length === 0) return undefined
  return sql`written as (
    insert into ${tables.rows} as kept (id, scope_id, ordinal, external_id, display_name, email,
      attributes, parent_resource_type, parent_external_id, sync_hash, hash_epoch, written_generation,
      synced_at, created_at)
    select g.id, ${scope.scopeId}::int, ${scope.nextOrdinal - 1}::int + g.place::int, g.external_id,
      g.display_name, g.email, g.attributes::jsonb, g.parent_resource_type, g.parent_external_id, g.hash,
      ${scope.hashEpoch}::int, ${generation}::int, statement_timestamp(), statement_timestamp()
    from ${givenRecords(arrays, writes)} ${rewritten.length > 0 ? replacement : sql``})`
}

/** Left out when all are new: the scope is locked, so they still are, and asking costs a fifth. */
const replacement: RawBuilder<unknown> = sql`on conflict (scope_id, external_id) do update set
  display_name = excluded.display_name, email = excluded.email, attributes = excluded.attributes,
  parent_resource_type = excluded.parent_resource_type, parent_external_id = excluded.parent_external_id,
  sync_hash = excluded.sync_hash, hash_epoch = excluded.hash_epoch, synced_at = excluded.synced_at,
  written_generation = case when excluded.written_generation = 0 then kept.written_generation
    else excluded.written_generation end,
  stale_since = null`
