import type { PageCommit, PageResult, RejectedRecord, ResourceStore, Run, SyncStats } from '@syncline/core'
import { sql } from 'kysely'
import { logChanges } from '../changes.ts'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { type LockedScope, lockFenced } from '../scope-lock.ts'
import { writeDocument } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { interval } from '../values.ts'
import { comparePage, type PagePlan } from './compare-page.ts'
import { keepQuarantine } from './keep-quarantine.ts'
import { completeSeenPage } from './seen-page.ts'
import { writeRows } from './write-rows.ts'

/** Stores one page in one transaction of a fixed number of statements, however many records it has. */
export const commitPage =
  ({ database, tables, createId }: StoreContext): ResourceStore['commitPage'] =>
  (commit) =>
    database.write(async (session) => {
      const { scope, run } = await lockFenced(session, tables, commit.lease)
      const before = await readBefore(session, tables, { scope, commit })
      if (before.seen || run.checkpoint.pages >= commit.pageNumber) {
        return { stats: run.stats, repeated: true, cancelRequested: run.cancelRequested }
      }
      const plan = await comparePage(session, tables, { scope, commit, createId })
      const { generation } = commit
      await writeRows(session, tables, { scope, generation, ...plan })
      // Kept before quarantined: a page may hold a bad and a good record of one id.
      const kept = new Set(commit.records.map(({ externalId }) => externalId))
      const rejected = commit.rejected.filter(
        ({ externalId }) => externalId === undefined || !kept.has(externalId),
      )
      await completeSeenPage(session, tables, { scope, commit, created: plan.created, rejected })
      if (before.quarantine || rejected.length > 0) {
        await keepQuarantine(session, tables, { scope, commit, rejected })
      }
      return await recordPage(session, tables, { scope, run, commit, plan, rejected })
    })

/**
 * Whether the page was committed before, which the seen log still knows when an older checkpoint was written since,
 * and whether the scope has records in quarantine at all.
 */
async function readBefore(
  session: Session,
  tables: Tables,
  { scope, commit }: { readonly scope: LockedScope; readonly commit: PageCommit },
): Promise<{ readonly seen: boolean; readonly quarantine: boolean }> {
  const scopeId = sql`${scope.scopeId}::int`
  const [before] = await session.run(sql<{ seen: boolean; quarantine: boolean }>`select
    exists (select 1 from ${tables.seenPages} where scope_id = ${scopeId}
      and generation = ${commit.generation}::int and page_number = ${commit.pageNumber}::int) as seen,
    exists (select 1 from ${tables.quarantine} where scope_id = ${scopeId}) as quarantine`)
  return before ?? { seen: false, quarantine: true }
}

/** The page's changes, counters, checkpoint and lease, in one statement. */
async function recordPage(
  session: Session,
  tables: Tables,
  page: {
    readonly scope: LockedScope
    readonly run: Run
    readonly commit: PageCommit
    readonly plan: PagePlan
    readonly rejected: readonly RejectedRecord[]
  },
): Promise<PageResult> {
  const { scope, run, commit, plan, rejected } = page
  const stats = statsAfter(run.stats, { commit, plan, quarantined: rejected.length })
  const logged = logChanges(tables, {
    scope,
    runId: run.runId,
    groups: [
      { kind: 'created', resources: plan.created },
      { kind: 'updated', resources: plan.updated },
      { kind: 'restored', resources: plan.restored },
    ],
  })
  const [updated] = await session.run(
    sql<{ cancelRequested: boolean }>`${logged ? sql`with ${logged}` : sql``} update ${tables.runs} set
      added = ${stats.added}::int, updated = ${stats.updated}::int, unchanged = ${stats.unchanged}::int,
      restored = ${stats.restored}::int, excluded = ${stats.excluded}::int,
      quarantined = ${stats.quarantined}::int, pages_processed = ${stats.pagesProcessed}::int,
      total_upstream_records = ${stats.totalUpstreamRecords}::bigint,
      total_estimate = coalesce(${commit.totalEstimate ?? null}::float8, total_estimate),
      checkpoint = ${writeDocument(commit.checkpoint)}::json,
      timings = ${writeDocument(commit.timings)}::json,
      lease_expires_at = clock_timestamp() + ${interval(commit.lease.leaseMs)}
    where run_id = ${run.runId} returning cancel_requested as "cancelRequested"`,
  )
  return { stats, repeated: false, cancelRequested: updated?.cancelRequested ?? run.cancelRequested }
}

/** Upper bounds where keys come on several pages; `closeListing` makes them exact. */
function statsAfter(
  before: SyncStats,
  {
    commit,
    plan,
    quarantined,
  }: { readonly commit: PageCommit; readonly plan: PagePlan; readonly quarantined: number },
): SyncStats {
  const { counts } = plan
  return {
    ...before,
    added: before.added + counts.added,
    updated: before.updated + counts.updated,
    unchanged: before.unchanged + counts.unchanged,
    restored: before.restored + counts.restored,
    excluded: before.excluded + commit.excluded.length,
    quarantined: before.quarantined + quarantined,
    pagesProcessed: before.pagesProcessed + 1,
    totalUpstreamRecords: before.totalUpstreamRecords + commit.received,
  }
}
