import type { PageCommit, SyncStats } from '@syncline/core'
import { sql } from 'kysely'
import type { Session } from '../database.ts'
import { type LockedScope, leaseLost, scopeColumns } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { instant } from '../values.ts'
import { type RunTotals, totalColumns, totalsOf } from './run-totals.ts'

/** How the scope and the run of a page stand before it is stored. */
export interface OpenPage {
  readonly scope: LockedScope
  readonly stats: SyncStats
  readonly cancelRequested: boolean
  /** The page was committed before. */
  readonly repeated: boolean
  /** Whether the scope has records in quarantine at all. */
  readonly quarantine: boolean
  /** Whether webhooks have said something of the scope since the page was asked for. */
  readonly overtaken: boolean
  readonly at: Date
  /** The scope was empty, or all that was listed so far was new: this page is likely to be new as well. */
  readonly firstLoad: boolean
}

interface PageState extends LockedScope, RunTotals {
  readonly holds: boolean
  readonly cancelRequested: boolean
  readonly repeated: boolean
  readonly quarantine: boolean
  readonly overtaken: boolean
  readonly rows: number
}

/**
 * Locks the scope, proves the lease (I5) and reads what a page needs to know, in one statement. Having waited for
 * the lock, it sees everything but the scope as it was before: whoever wrote then has either moved the fence, or
 * was this very page on a lost connection, which storing it again runs into.
 * @throws LEASE_LOST
 */
export async function openPage(session: Session, tables: Tables, commit: PageCommit): Promise<OpenPage> {
  const { lease, generation, pageNumber, askedAfter } = commit
  const [state] = await session.runPrepared(sql<PageState>`select ${scopeColumns},
      coalesce(r.status = 'running' and r.scope_id = s.id and r.fencing_token = s.fencing_token
        and s.fencing_token = ${lease.fencingToken}::bigint, false) as holds,
      ${totalColumns}, s.live_rows + s.stale_rows as rows,
      exists (select 1 from ${tables.seenPages} p where p.scope_id = s.id
        and p.generation = ${generation}::int and p.page_number = ${pageNumber}::int) as repeated,
      exists (select 1 from ${tables.quarantine} q where q.scope_id + 0 = s.id) as quarantine,
      coalesce(s.webhook_at >= ${instant(askedAfter)}, false) as overtaken
    from ${tables.scopes} s join ${tables.runs} r on r.run_id = ${lease.runId}
    where s.connector_id = ${lease.connectorId} and s.resource_type = ${lease.resourceType}
    for update of s for no key update of r`)
  if (!state?.holds) throw leaseLost(lease)
  const listed = state.totalUpstreamRecords - state.excluded - state.quarantined
  return {
    scope: state,
    stats: totalsOf(state),
    cancelRequested: state.cancelRequested,
    repeated: state.repeated,
    quarantine: state.quarantine,
    overtaken: state.overtaken,
    at: new Date(state.nowMs),
    firstLoad: listed === 0 ? state.rows === 0 : listed === state.added,
  }
}
