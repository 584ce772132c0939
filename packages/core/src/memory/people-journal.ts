import type { ActionKind, LifecycleAction } from '../model/lifecycle-action.ts'
import type { Owner } from '../model/owner.ts'
import type { Scope } from '../model/scope.ts'
import type { WorkflowJob } from '../model/workflow-job.ts'
import type { ActionQuery } from '../ports/people-store.ts'
import { copyOf, type MemoryState } from './memory-state.ts'

const isOf = (state: MemoryState, action: LifecycleAction, { connectorId, resourceType }: Scope): boolean =>
  action.connectorId === connectorId && action.resourceType === resourceType && isOfOwner(state, action)

/** A connector that was made again, or moved, does not have the actions of the tenant before it. */
const isOfOwner = (state: MemoryState, { connectorId, tenantId }: LifecycleAction): boolean => {
  const owner = state.connectors.get(connectorId)?.definition.tenantId
  return owner === undefined || owner === tenantId
}

const changesUsers: ReadonlySet<ActionKind> = new Set(['create', 'deactivate', 'reactivate'])

export function listActions(state: MemoryState, query: ActionQuery): readonly LifecycleAction[] {
  const { before = Number.POSITIVE_INFINITY, limit, ...fields } = query
  const wanted = Object.entries(fields).filter(([, value]) => value !== undefined)
  return [...state.people.actions.values()]
    .toReversed()
    .filter((action) => {
      const values = new Map(Object.entries(action))
      return (
        action.position < before &&
        wanted.every(([name, value]) => values.get(name) === value) &&
        (query.connectorId === undefined || isOfOwner(state, action))
      )
    })
    .slice(0, limit)
    .map(copyOf)
}

export function openActions(
  state: MemoryState,
  request: { readonly scope: Scope; readonly after: number; readonly limit: number },
): readonly (LifecycleAction & { readonly ageMs: number })[] {
  const now = state.now()
  return [...state.people.actions.values()]
    .filter(
      (action) =>
        action.status === 'intended' && action.position > request.after && isOf(state, action, request.scope),
    )
    .slice(0, request.limit)
    .map((action) => ({ ...copyOf(action), ageMs: now - action.at.getTime() }))
}

/** The last thing that was done to each user of a tenant; not copied. */
function lastDone(state: MemoryState, { tenantId }: Owner): ReadonlyMap<string, LifecycleAction> {
  const last = new Map<string, LifecycleAction>()
  for (const action of state.people.actions.values()) {
    if (action.tenantId !== tenantId) continue
    if (action.status !== 'done' || action.userId === undefined || !changesUsers.has(action.kind)) continue
    last.set(action.userId, action)
  }
  return last
}

export function lastActions(
  state: MemoryState,
  userIds: readonly string[],
  owner: Owner,
): readonly LifecycleAction[] {
  const last = lastDone(state, owner)
  return [...new Set(userIds)].flatMap((userId) => last.get(userId) ?? []).map(copyOf)
}

export function deactivationsOf(
  state: MemoryState,
  request: { readonly scope: Scope; readonly after: number; readonly limit: number } & Owner,
): readonly LifecycleAction[] {
  return [...lastDone(state, request).values()]
    .filter(
      (action) =>
        action.kind === 'deactivate' && action.position > request.after && isOf(state, action, request.scope),
    )
    .toSorted((left, right) => left.position - right.position)
    .slice(0, request.limit)
    .map(copyOf)
}

export function claimJobs(
  state: MemoryState,
  { limit, leaseMs }: { readonly limit: number; readonly leaseMs: number },
): readonly WorkflowJob[] {
  const now = state.now()
  const claimed: WorkflowJob[] = []
  for (const stored of state.people.jobs.values()) {
    if (claimed.length >= limit) break
    if (stored.delivered || stored.claimedUntil > now) continue
    stored.claimedUntil = now + leaseMs
    claimed.push(copyOf(stored.job))
  }
  return claimed
}

/** A job whose key is recorded is the same job. */
export function recordJobs(state: MemoryState, jobs: readonly WorkflowJob[]): void {
  for (const job of jobs) {
    if (state.people.jobs.has(job.idempotencyKey)) continue
    state.people.jobs.set(job.idempotencyKey, { job: copyOf(job), delivered: false, claimedUntil: 0 })
  }
}
