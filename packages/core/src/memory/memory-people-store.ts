import type { MatchStatus } from '../model/match.ts'
import type { PeopleStore } from '../ports/people-store.ts'
import { commitPeople } from './commit-people.ts'
import { compareCodePoints } from './compare-code-points.ts'
import { copyOf, type MemoryState, readScope } from './memory-state.ts'
import { claimJobs, deactivationsOf, lastActions, listActions, openActions } from './people-journal.ts'
import { beginPostSync, dueScopes, finishPostSync, renewPostSync } from './people-runs.ts'
import { findMatches, linksOf, readSubjects, subjectOf } from './people-subjects.ts'

const noMatches = (): Record<MatchStatus, number> => ({
  matched: 0,
  unmatched: 0,
  ambiguous: 0,
  manual_override: 0,
  skipped: 0,
  create_pending: 0,
})

/** Matches, journal, jobs and post-sync runs as Maps. Single-threaded JavaScript makes each method exclusive. */
export function memoryPeopleStore(state: MemoryState): PeopleStore {
  return {
    begin: async (request) => beginPostSync(state, request),
    renew: async (lease) => renewPostSync(state, lease),
    finish: async (request) => finishPostSync(state, request),
    async runs({ limit, ...scope }) {
      const runs = readScope(state, scope)?.people.runs ?? []
      return runs
        .toReversed()
        .slice(0, limit)
        .map(({ run }) => copyOf(run))
    },
    due: async (query) => dueScopes(state, query),
    subjects: async (slice) => readSubjects(state, slice),
    async subjectsOf(scope, externalIds) {
      const data = readScope(state, scope)
      if (!data) return []
      return [...new Set(externalIds)]
        .map((externalId) => subjectOf(scope, data, { externalId }))
        .filter(({ resource, match }) => resource || match)
    },
    linkedUsers: async (scope) => readScope(state, scope)?.people.linked.size ?? 0,
    links: async (userIds, owner) => linksOf(state, userIds, owner),
    commit: async (commit) => commitPeople(state, copyOf(commit)),
    async matchesOf({ connectorId, matchIds }) {
      const wanted = new Set(matchIds)
      const scopes = [...(state.connectors.get(connectorId)?.scopes.values() ?? [])]
      return scopes
        .flatMap(({ people }) => [...people.matches.values()].filter(({ matchId }) => wanted.has(matchId)))
        .map(copyOf)
    },
    async find({ limit, offset = 0, after, ...query }) {
      return findMatches(state, query)
        .filter(({ externalId }) => after === undefined || compareCodePoints(externalId, after) > 0)
        .slice(offset, offset + limit)
        .map(copyOf)
    },
    async count({ atMost = Number.POSITIVE_INFINITY, ...query }) {
      return Math.min(findMatches(state, query).length, atMost)
    },
    async stats(scope) {
      const stats = noMatches()
      for (const { matchStatus } of readScope(state, scope)?.people.matches.values() ?? []) {
        stats[matchStatus] += 1
      }
      return stats
    },
    ...journalAndJobs(state),
  }
}

type JournalAndJobs = Pick<
  PeopleStore,
  'action' | 'actions' | 'openActions' | 'lastActions' | 'deactivations' | 'claimJobs' | 'deliveredJobs'
>

const journalAndJobs = (state: MemoryState): JournalAndJobs => ({
  async action(actionId) {
    const action = state.people.actions.get(actionId)
    return action && copyOf(action)
  },
  actions: async (query) => listActions(state, query),
  openActions: async (request) => openActions(state, request),
  lastActions: async (userIds, owner) => lastActions(state, userIds, owner),
  deactivations: async (request) => deactivationsOf(state, request),
  claimJobs: async (request) => claimJobs(state, request),
  async deliveredJobs(idempotencyKeys) {
    for (const key of idempotencyKeys) {
      const stored = state.people.jobs.get(key)
      if (stored) stored.delivered = true
    }
  },
})
