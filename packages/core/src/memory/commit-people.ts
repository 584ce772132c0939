import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { Match } from '../model/match.ts'
import type { MatchWrite, NewAction, PeopleCommit, PeopleCommitted } from '../ports/people-store.ts'
import {
  connectorNotFound,
  copyOf,
  type MemoryState,
  openScope,
  requireConnectorData,
  type ScopeData,
} from './memory-state.ts'
import { recordJobs } from './people-journal.ts'
import { fencedPostSync } from './people-runs.ts'
import { putMatch } from './people-state.ts'
import { isLive, linksOf } from './people-subjects.ts'

/** Writes everything that changes together. Everything that can fail happens before the first change. @throws LEASE_LOST */
export function commitPeople(state: MemoryState, commit: PeopleCommit): PeopleCommitted {
  const { tenantId, lease, matches, actions, settled, jobs, triggeredTo } = commit
  const scope = { connectorId: commit.scope.connectorId, resourceType: commit.scope.resourceType }
  const { definition } = requireConnectorData(state, scope.connectorId)
  if (definition.tenantId !== tenantId) throw connectorNotFound(scope.connectorId)
  const data = openScope(state, scope)
  const held = lease && fencedPostSync(data, lease)
  const externalIds = [
    ...matches.filter((write) => isOutdated(data, write)).map(({ externalId }) => externalId),
    ...actions.filter((action) => lostItsCause(state, commit, action)).map(({ externalId }) => externalId),
  ]
  if (externalIds.length > 0) return { kind: 'conflict', externalIds: [...new Set(externalIds)] }

  const now = state.now()
  if (held && lease) held.leaseExpiresAt = now + lease.leaseMs
  for (const write of matches) putMatch(data.people, rowOf(state, { write, data, scope, at: new Date(now) }))
  const journal = state.people.actions
  for (const action of actions) {
    if (journal.has(action.actionId)) continue
    const at = new Date(now)
    journal.set(
      action.actionId,
      copyOf<LifecycleAction>({
        ...action,
        ...scope,
        tenantId,
        position: journal.size + 1,
        at,
        ...(action.status !== 'intended' && { settledAt: at }),
      }),
    )
  }
  for (const outcome of settled) {
    const action = journal.get(outcome.actionId)
    if (action?.status !== 'intended') continue
    journal.set(outcome.actionId, copyOf({ ...action, ...outcome, settledAt: new Date(now) }))
  }
  recordJobs(state, jobs)
  if (triggeredTo !== undefined) data.people.triggeredTo = Math.max(data.people.triggeredTo, triggeredTo)
  return { kind: 'committed' }
}

const isOutdated = ({ people }: ScopeData, { externalId, version }: MatchWrite): boolean =>
  (people.matches.get(externalId)?.version ?? 0) !== version

/** A user is only deactivated while no resource speaks for them (the worst bug there is). */
function lostItsCause(state: MemoryState, { scope, tenantId }: PeopleCommit, action: NewAction): boolean {
  const { kind, status, userId, externalId, undoes } = action
  if (kind !== 'deactivate' || status !== 'intended' || userId === undefined || undoes !== undefined) {
    return false
  }
  if (isLive(openScope(state, scope), externalId)) return true
  return linksOf(state, [userId], { tenantId }).some(
    (link) => link.live || link.connectorId !== scope.connectorId || link.resourceType !== scope.resourceType,
  )
}

function rowOf(
  state: MemoryState,
  {
    write,
    data,
    scope,
    at,
  }: {
    readonly write: MatchWrite
    readonly data: ScopeData
    readonly scope: PeopleCommit['scope']
    readonly at: Date
  },
): Match {
  const before = data.people.matches.get(write.externalId)
  return copyOf<Match>({
    ...scope,
    ...write,
    matchId: before?.matchId ?? state.createId(),
    version: write.version + 1,
    resolvedAt: write.resolvedAt === 'now' ? at : write.resolvedAt,
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
  })
}
