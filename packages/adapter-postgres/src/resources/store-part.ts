import type { RejectedRecord, SyncStats } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { type ChangeGroup, logChanges, scopeAfter } from '../changes.ts'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { type LockedScope, leaseLost, runOfLease } from '../scope-lock.ts'
import { writeDocument } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { interval } from '../values.ts'
import type { PartPlan } from './compare-part.ts'
import { copyStatement, encodeRows, stampRows } from './copy-rows.ts'
import type { PagePart } from './page-part.ts'
import { type RowWrite, rowWrite } from './row-write.ts'
import { type RunTotals, totalColumns, totalsOf } from './run-totals.ts'
import { noteAdded } from './seen-page.ts'
import { writeRows } from './write-rows.ts'

export interface PartStored {
  /** As the next part finds it. */
  readonly scope: LockedScope
  /** Totals of the run so far. */
  readonly stats: SyncStats
  readonly cancelRequested: boolean
  readonly at: Date
}

interface PartWrite {
  readonly part: PagePart
  readonly plan: PartPlan
  /** The part was not compared. */
  readonly assumeNew: boolean
  /** No more parts of the page follow. */
  readonly last: boolean
  readonly rejected: readonly RejectedRecord[]
}

/** Writes rows, change log, seen log, counters, checkpoint and lease: one statement, after a COPY if there is one. */
export async function storePart(
  session: Session,
  { tables, createId, sizes }: Pick<StoreContext, 'tables' | 'createId' | 'sizes'>,
  write: PartWrite,
): Promise<PartStored> {
  const { part, plan } = write
  const { scope, commit } = part
  // Made before its turn, for a part that is taken to be new as a whole.
  const ahead = write.assumeNew ? part.ahead?.copy : undefined
  const created: RowWrite[] = [...(ahead?.rows ?? [])]
  function* name(): Generator<RowWrite> {
    for (const record of plan.created) {
      const row = rowWrite(record, createId())
      created.push(row)
      yield row
    }
  }
  const groups = (): readonly ChangeGroup[] => [
    { kind: 'created', resources: created },
    { kind: 'updated', resources: plan.updated },
    { kind: 'restored', resources: plan.restored },
  ]
  const copies = session.copies && plan.created.length >= sizes.leastRowsToCopy
  function* pieces(): Generator<Uint8Array> {
    yield* stampRows(ahead?.pieces ?? encodeRows(name()), { scope, generation: commit.generation })
  }
  const [run] = await session.dispatch({
    copy: copies ? { statement: copyStatement(tables), pieces: pieces() } : undefined,
    statement: () =>
      effects(session, tables, {
        ...write,
        toInsert: copies ? [] : ahead ? created : [...name()],
        groups: groups(),
      }),
    last: write.last,
  })
  if (!run) throw leaseLost(commit.lease)
  return {
    scope: scopeAfter(scope, groups()),
    stats: totalsOf(run),
    cancelRequested: run.cancelRequested,
    at: new Date(run.nowMs),
  }
}

/** Everything but copied rows. */
function effects(
  { arrays }: Session,
  tables: Tables,
  write: PartWrite & {
    readonly groups: readonly ChangeGroup[]
    readonly toInsert: readonly RowWrite[]
  },
): RawBuilder<RunTotals> {
  const { part, plan, assumeNew, groups, toInsert } = write
  const { scope, commit } = part
  const { lease, generation } = commit
  const rewritten = [...plan.updated, ...plan.restored]
  const parts = [
    writeRows(tables, arrays, { scope, generation, created: toInsert, rewritten }),
    noteAdded(tables, arrays, { part, count: plan.created.length, compared: !assumeNew }),
    logChanges(tables, arrays, { scope, runId: lease.runId, groups }),
  ].filter((effect) => effect !== undefined)
  return sql<RunTotals>`${parts.length > 0 ? sql`with ${sql.join(parts)}` : sql``}
    update ${tables.runs} r set ${progress(write)} where ${runOfLease(lease)} returning ${totalColumns}`
}

/** Upper bounds where keys come on several pages; `closeListing` makes them exact. */
function progress({ part, plan, last, rejected }: PartWrite): RawBuilder<unknown> {
  const { commit } = part
  const { counts } = plan
  // What belongs to the page as a whole is counted with its last part.
  const once = (count: number): number => (last ? count : 0)
  return sql`added = added + ${counts.added}::int, updated = updated + ${counts.updated}::int,
    unchanged = unchanged + ${counts.unchanged}::int, restored = restored + ${counts.restored}::int,
    excluded = excluded + ${once(commit.excluded.length)}::int,
    quarantined = quarantined + ${once(rejected.length)}::int,
    pages_processed = pages_processed + ${once(1)}::int,
    total_upstream_records = total_upstream_records + ${once(commit.received)}::bigint,
    total_estimate = coalesce(${commit.totalEstimate ?? null}::float8, total_estimate),
    checkpoint = ${writeDocument(commit.checkpoint)}::json, timings = ${writeDocument(commit.timings)}::json,
    lease_expires_at = clock_timestamp() + ${interval(commit.lease.leaseMs)}`
}
