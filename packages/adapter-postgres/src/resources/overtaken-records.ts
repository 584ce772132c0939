import type { PageCommit } from '@syncline/core'
import { sql } from 'kysely'
import type { Session } from '../database.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { instant } from '../values.ts'

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
    cross join lateral (select x.marked_at from ${tables.webhookMarks} x
      where x.scope_id = ${scopeId} and x.external_id = g.external_id limit 1) k
    left join lateral (select x.sync_hash, x.hash_epoch, x.stale_since from ${tables.rows} x
      where x.scope_id = ${scopeId} and x.external_id = g.external_id limit 1) r on r.stale_since is null
    where k.marked_at >= ${instant(askedAfter)}`)
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
