import { ok } from 'node:assert/strict'
import {
  createUuidV7,
  type FinishPostSync,
  type LifecycleAction,
  type Match,
  type MatchWrite,
  type NewAction,
  noPostSyncStats,
  type PeopleCommit,
  type PeopleStore,
  type PostSyncLease,
  type PostSyncRun,
  type Scope,
  type Store,
} from '@syncline/core'
import { staff, tenantId } from './builders.ts'

export const nextActionId = createUuidV7()
const resourceId = '01890000-0000-7000-8000-00000000f00d'

export function peopleOf({ people }: Store): PeopleStore {
  ok(people, 'the store must keep matches')
  return people
}

export const owner = { tenantId }

/** A match row to write: unmatched unless the change says otherwise. */
export const matchWrite = (externalId: string, change: Partial<MatchWrite> = {}): MatchWrite => ({
  externalId,
  connectorResourceId: resourceId,
  externalDisplayName: `Name of ${externalId}`,
  matchStatus: 'unmatched',
  matchConfidence: 'none',
  evidence: [{ strategy: 'email', hits: 0 }],
  version: 0,
  ...change,
})

/** A row that holds a user. */
export const linkedTo = (externalId: string, userId: string, change: Partial<MatchWrite> = {}): MatchWrite =>
  matchWrite(externalId, {
    userId,
    matchStatus: 'matched',
    matchConfidence: 'exact',
    matchStrategy: 'email',
    ...change,
  })

export const newAction = (change: Partial<NewAction> = {}): NewAction => ({
  actionId: nextActionId(),
  kind: 'deactivate',
  status: 'intended',
  externalId: 'a',
  userId: 'user-a',
  connectorResourceId: resourceId,
  by: 'post-sync',
  reason: 'because',
  before: { status: 'active' },
  after: { status: 'deactivated' },
  ...change,
})

/** A commit of whatever is given, which must not be in conflict. */
export async function commitParts(store: Store, parts: Partial<PeopleCommit>): Promise<void> {
  const answer = await tryCommit(store, parts)
  ok(answer.kind === 'committed', 'the commit must not be in conflict')
}

export const tryCommit = (store: Store, parts: Partial<PeopleCommit>) =>
  peopleOf(store).commit({
    scope: staff,
    tenantId,
    matches: [],
    actions: [],
    settled: [],
    jobs: [],
    ...parts,
  })

/** An action that was carried out. */
export async function done(
  store: Store,
  change: Partial<NewAction> = {},
  scope: Scope = staff,
): Promise<void> {
  await commitParts(store, { scope, actions: [newAction({ status: 'done', ...change })] })
}

export const postSyncLeaseMs = 60_000

export async function beginPostSync(
  store: Store,
  { scope = staff, planId }: { readonly scope?: Scope; readonly planId?: string } = {},
): Promise<{
  readonly run: PostSyncRun
  readonly lease: PostSyncLease
  readonly triggeredTo: number
  readonly tenantId: string
}> {
  const begun = await peopleOf(store).begin({
    scope,
    runId: nextActionId(),
    planId,
    leaseMs: postSyncLeaseMs,
  })
  ok(begun.kind === 'started', 'the post-sync must start')
  const { run, triggeredTo } = begun
  const { connectorId, resourceType, runId, fencingToken } = run
  return {
    run,
    triggeredTo,
    tenantId: begun.tenantId,
    lease: { connectorId, resourceType, runId, fencingToken, leaseMs: postSyncLeaseMs },
  }
}

export const finishPostSync = (
  store: Store,
  lease: PostSyncLease,
  change: Partial<FinishPostSync> = {},
): Promise<PostSyncRun> =>
  peopleOf(store).finish({ lease, status: 'success', stats: noPostSyncStats, jobs: [], ...change })

export const jobOf = (idempotencyKey: string) => ({
  idempotencyKey,
  tenantId,
  payload: {
    connectorId: staff.connectorId,
    resourceType: staff.resourceType,
    workflowId: 'onboarding',
    triggerMode: 'summary' as const,
    stats: noPostSyncStats,
  },
})

/** The match row of a resource, which must be there. */
export async function rowOf(store: Store, externalId: string, scope: Scope = staff): Promise<Match> {
  const [subject] = await peopleOf(store).subjectsOf(scope, [externalId])
  ok(subject?.match, `there must be a match row of ${externalId}`)
  return subject.match
}

export async function actionOf(store: Store, actionId: string): Promise<LifecycleAction> {
  const action = await peopleOf(store).action(actionId)
  ok(action, 'the action must be recorded')
  return action
}

/** What a commit is answered whose ground for one external id is gone. */
export const refusedOf = (externalId: string) => ({ kind: 'conflict', externalIds: [externalId] })
