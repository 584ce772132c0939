import type { PageCommit } from '@syncline/core'
import { sql } from 'kysely'
import type { Session } from '../database.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'

/** A record of a page of which a webhook has said something since. */
interface OvertakenRecord {
  /** Place in the page, from 1. */
  readonly place: number
  /** Of the row that it left, when that is live. */
  readonly hash: string | null
  readonly sameRecipe: boolean | null
}

/**
 * The page without what webhooks have overtaken: those records are taken to be as their rows are, so that they count as
 * seen and unchanged; those that have no live row any more count as excluded. The page itself where none was overtaken.
 */
export async function withoutOvertaken(
  session: Session,
  tables: Tables,
  { scope, commit }: { readonly scope: LockedScope; readonly commit: PageCommit },
): Promise<PageCommit> {
  const { records, askedAfter } = commit
  const scopeId = sql`${scope.scopeId}::int`
  const overtaken = await session.run(sql<OvertakenRecord>`select g.place::int as place, r.sync_hash as hash,
      r.hash_epoch = ${scope.hashEpoch}::int as "sameRecipe"
    from unnest(${session.arrays.text(records.map(({ externalId }) => externalId))})
      with ordinality as g(external_id, place)
    join ${tables.webhookMarks} k on k.scope_id = ${scopeId} and k.external_id = g.external_id
      and k.marked_at >= ${askedAfter?.toISOString() ?? null}::timestamptz
    left join ${tables.rows} r on r.scope_id = ${scopeId} and r.external_id = g.external_id
      and r.stale_since is null`)
  if (overtaken.length === 0) return commit
  const kept = new Map(records.entries())
  const excluded = [...commit.excluded]
  for (const { place, hash, sameRecipe } of overtaken) {
    const record = records[place - 1]
    if (!record) continue
    if (hash === null) {
      kept.delete(place - 1)
      excluded.push(record.externalId)
    } else if (sameRecipe) kept.set(place - 1, { ...record, hash })
  }
  return { ...commit, records: [...kept.values()], excluded }
}
