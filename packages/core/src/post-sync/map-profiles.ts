import { compileMappings } from '../mapping/map-attributes.ts'
import { compareCodePoints } from '../memory/compare-code-points.ts'
import type { MatchSubject, SubjectResource } from '../model/match.ts'
import type { PlannedProfile } from '../model/post-sync-plan.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { FieldChange } from '../model/profile.ts'
import type { Scope } from '../model/scope.ts'
import type { TenantProfiles } from './tenant-ports.ts'
import { noteSkipped, type PostSyncWork } from './work.ts'

const maxAttempts = 5

/** Whether the rules of a scope write anything. */
const mapsAnything = ({ attributeMappings }: PostSyncSettings): boolean =>
  attributeMappings.some(
    ({ enabled, writeMode, transform }) => enabled && writeMode !== 'never_overwrite' && !transform,
  )

/** Step 4: from the live resources into the profiles of the users they are linked to. */
export async function mapProfiles(work: PostSyncWork, profiles: TenantProfiles | undefined): Promise<void> {
  const { reserved } = compileMappings(work.scope, work.settings.attributeMappings)
  noteSkipped(work.tally, reserved)
  if (!profiles || !mapsAnything(work.settings)) return
  for await (const slice of work.view.slices('live_linked')) {
    work.checkpoint()
    let open = await speakers(work, slice)
    // A profile that somebody else writes at the same time is read and decided again; the next post-sync tries on.
    for (let attempt = 1; open.length > 0 && attempt <= maxAttempts; attempt++) {
      const writes = await decideProfiles(work, profiles, open)
      const late = new Set(writes.length > 0 ? await work.effects.profiles(writes) : [])
      open = open.filter(({ match }) => match?.userId !== undefined && late.has(match.userId))
    }
  }
}

/**
 * One resource for each user: where several of the scope are linked to one, the first by external id writes the
 * profile, so that two never take turns.
 */
async function speakers(
  { view, scope }: PostSyncWork,
  slice: readonly MatchSubject[],
): Promise<readonly MatchSubject[]> {
  const ids = [...new Set(slice.flatMap(({ match }) => match?.userId ?? []))]
  const first = new Map<string, string>()
  for (const { userId, externalId, live, connectorId, resourceType } of await view.links(ids)) {
    if (!live || connectorId !== scope.connectorId || resourceType !== scope.resourceType) continue
    const before = first.get(userId)
    if (before === undefined || compareCodePoints(externalId, before) < 0) first.set(userId, externalId)
  }
  return slice.filter(({ match, externalId }) => first.get(match?.userId ?? '') === externalId)
}

async function decideProfiles(
  { scope, settings, tally }: PostSyncWork,
  profiles: TenantProfiles,
  subjects: readonly MatchSubject[],
): Promise<readonly PlannedProfile[]> {
  const mappings = compileMappings(scope, settings.attributeMappings)
  const read = await profiles.read(subjects.flatMap(({ match }) => match?.userId ?? []))
  const byUser = new Map(read.map((profile) => [profile.userId, profile]))
  return subjects.flatMap(({ resource, match, externalId }): PlannedProfile | [] => {
    const profile = byUser.get(match?.userId ?? '')
    if (!resource || !profile) return []
    const { changes, skipped } = mappings.map(resource, profile)
    noteSkipped(tally, skipped)
    if (changes.length === 0) return []
    return { externalId, userId: profile.userId, version: profile.version, changes }
  })
}

/** What the profile of a user made for a resource begins with: the defaults, then what the rules map over them. */
export function compileFirstProfile(
  scope: Scope,
  settings: PostSyncSettings,
): (resource: SubjectResource) => readonly FieldChange[] {
  const mappings = compileMappings(scope, settings.attributeMappings)
  const source = {
    source: 'connector',
    connectorId: scope.connectorId,
    resourceType: scope.resourceType,
  } as const
  const defaults = Object.entries(settings.createUserDefaults)
  const profile = {
    attributes: settings.createUserDefaults,
    attributeSources: Object.fromEntries(defaults.map(([field]) => [field, source])),
  }
  return (resource) => {
    const fields = new Map<string, FieldChange>()
    for (const [field, to] of defaults) fields.set(field, { field, to, source })
    for (const { field, to, source: by } of mappings.map(resource, profile).changes) {
      if (to === undefined) fields.delete(field)
      else fields.set(field, { field, to, source: by })
    }
    return [...fields.values()].toSorted((one, other) => (one.field < other.field ? -1 : 1))
  }
}
