import type { PageCommit, RejectedRecord } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { type ArrayEncoding, optionalText } from '../arrays.ts'
import type { Session } from '../database.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'

/** Takes the page's rejected records in, and lets go of the ids that came good. The latest entry of an id counts. */
export async function keepQuarantine(
  session: Session,
  tables: Tables,
  page: {
    readonly scope: LockedScope
    readonly commit: PageCommit
    readonly rejected: readonly RejectedRecord[]
  },
): Promise<void> {
  const { scope, commit } = page
  const entries = latestOfEach(page.rejected)
  const ids = [...commit.records, ...entries].flatMap(({ externalId }) => externalId ?? [])
  await session.run(endQuarantine(tables, session.arrays, { scope, externalIds: ids }))
  if (entries.length === 0) return
  await session.run(sql`insert into ${tables.quarantine} (scope_id, generation, page_number, run_id,
      external_id, position, reason, detail, quarantined_at)
    select ${scope.scopeId}::int, ${commit.generation}::int, ${commit.pageNumber}::int,
      ${commit.lease.runId}, g.external_id, g.position, g.reason, g.detail, statement_timestamp()
    from unnest(${optionalText(
      session.arrays,
      entries.map(({ externalId }) => externalId ?? null),
    )},
      ${`{${entries.map(({ position }) => position).join(',')}}`}::int[],
      ${session.arrays.text(entries.map(({ reason }) => reason))}, ${session.arrays.text(entries.map(({ detail }) => detail))})
      as g(external_id, position, reason, detail)
    on conflict do nothing`)
}

/** A good record of each of these ids came. */
export const endQuarantine = (
  tables: Tables,
  arrays: ArrayEncoding,
  { scope, externalIds }: { readonly scope: LockedScope; readonly externalIds: readonly string[] },
): RawBuilder<unknown> => sql`delete from ${tables.quarantine}
  where ctid = any(array(select q.ctid from unnest(${arrays.text(externalIds)}) as g(external_id)
    cross join lateral (select x.ctid from ${tables.quarantine} x
      where x.scope_id = ${scope.scopeId}::int and x.external_id = g.external_id limit 1) q))`

function latestOfEach(rejected: readonly RejectedRecord[]): readonly RejectedRecord[] {
  const byId = new Map<string, RejectedRecord>()
  for (const entry of rejected) if (entry.externalId !== undefined) byId.set(entry.externalId, entry)
  return rejected.filter(({ externalId }, index) => {
    return externalId === undefined || byId.get(externalId) === rejected[index]
  })
}
