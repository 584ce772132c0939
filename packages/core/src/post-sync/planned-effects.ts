import type { MatchDecision } from '../matching/decide-matches.ts'
import type { MatchState, SubjectResource } from '../model/match.ts'
import type {
  PlannedCreate,
  PlannedMatch,
  PlannedProfile,
  PlannedState,
  PlannedStatusChange,
} from '../model/post-sync-plan.ts'
import type { FieldChange } from '../model/profile.ts'
import type { MatchWrite } from '../ports/people-store.ts'
import type { PeopleEffects } from './work.ts'

/** What a plan holds of the effects, in the order they were decided. */
export interface PlannedEffects {
  readonly matches: PlannedMatch[]
  readonly creates: PlannedCreate[]
  readonly deactivations: PlannedStatusChange[]
  readonly reactivations: PlannedStatusChange[]
  readonly profiles: PlannedProfile[]
}

/** Writes nothing: keeps what would be written, and tells the view of the rows that would be there. */
export function plannedEffects(
  note: (writes: readonly MatchWrite[]) => void,
  firstProfile: (resource: SubjectResource) => readonly FieldChange[],
): { readonly effects: PeopleEffects; readonly planned: PlannedEffects } {
  const planned: PlannedEffects = {
    matches: [],
    creates: [],
    deactivations: [],
    reactivations: [],
    profiles: [],
  }
  const effects: PeopleEffects = {
    // The list of candidates is what an operator approves.
    ignoresGuard: true,
    async matches(decisions) {
      note(decisions.flatMap(({ write }) => write ?? []))
      planned.matches.push(...decisions.flatMap(plannedMatch))
      planned.creates.push(...decisions.flatMap((decision) => plannedCreate(decision, firstProfile)))
      return true
    },
    creates: async () => [],
    async statuses(decisions) {
      for (const { kind, planned: change } of decisions) {
        planned[kind === 'deactivate' ? 'deactivations' : 'reactivations'].push(change)
      }
    },
    async profiles(writes) {
      planned.profiles.push(...writes)
      return []
    },
  }
  return { effects, planned }
}

/** A decision as a plan shows it. */
export function plannedMatch({ write, previous }: MatchDecision): PlannedMatch | readonly [] {
  if (!write) return []
  const { externalId, externalDisplayName, externalEmail, evidence, version } = write
  return {
    externalId,
    externalDisplayName,
    ...(externalEmail !== undefined && { externalEmail }),
    ...(previous && { from: plannedState(previous) }),
    to: plannedState(write),
    evidence,
    version,
  }
}

/** The user that a decision asks for. */
export function plannedCreate(
  { write, resource }: MatchDecision,
  firstProfile: (resource: SubjectResource) => readonly FieldChange[],
): PlannedCreate | readonly [] {
  if (write?.matchStatus !== 'create_pending') return []
  const { externalId, email, displayName } = resource
  return { externalId, email: email ?? '', displayName, profile: firstProfile(resource) }
}

function plannedState(state: MatchState): PlannedState {
  const { matchStatus, matchConfidence, matchStrategy, userId, candidateUserIds, problem } = state
  return {
    matchStatus,
    matchConfidence,
    ...(matchStrategy !== undefined && { matchStrategy }),
    ...(userId !== undefined && { userId }),
    ...(candidateUserIds && { candidateUserIds: candidateUserIds.map((candidate) => candidate.userId) }),
    ...(problem && { problem: problem.code }),
  }
}
