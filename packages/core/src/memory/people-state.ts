import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { Match } from '../model/match.ts'
import type { PostSyncRun } from '../model/post-sync-run.ts'
import type { WorkflowJob } from '../model/workflow-job.ts'

/** A job and whether it still is to be delivered. */
interface StoredJob {
  readonly job: WorkflowJob
  delivered: boolean
  /** Nobody else may claim it before, in store time. */
  claimedUntil: number
}

export interface StoredPostSync {
  run: PostSyncRun
  leaseExpiresAt: number
}

/** Kept across all scopes. */
export interface PeopleState {
  /** By action id, in the order they were recorded. */
  readonly actions: Map<string, LifecycleAction>
  /** By idempotency key, in the order they were recorded. */
  readonly jobs: Map<string, StoredJob>
}

/** Kept for one scope. */
export interface ScopePeople {
  /** By external id. */
  readonly matches: Map<string, Match>
  /** External ids of the rows that hold a user. */
  readonly linked: Map<string, Set<string>>
  /** Oldest first. */
  readonly runs: StoredPostSync[]
  fencingToken: number
  /** Changes up to here were looked at by a post-sync that succeeded. */
  processedTo: number
  /** Changes up to here have their jobs. */
  triggeredTo: number
}

export const emptyPeople = (): PeopleState => ({ actions: new Map(), jobs: new Map() })

export const emptyScopePeople = (): ScopePeople => ({
  matches: new Map(),
  linked: new Map(),
  runs: [],
  fencingToken: 0,
  processedTo: 0,
  triggeredTo: 0,
})

/** Replaces a row and keeps the index by user. */
export function putMatch({ matches, linked }: ScopePeople, match: Match): void {
  const before = matches.get(match.externalId)?.userId
  if (before !== undefined && before !== match.userId) {
    const rows = linked.get(before)
    rows?.delete(match.externalId)
    if (rows?.size === 0) linked.delete(before)
  }
  matches.set(match.externalId, match)
  if (match.userId === undefined) return
  const rows = linked.get(match.userId) ?? new Set<string>()
  rows.add(match.externalId)
  linked.set(match.userId, rows)
}
