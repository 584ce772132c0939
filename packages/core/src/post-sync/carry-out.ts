import { deactivateUsers } from '../lifecycle/deactivate-users.ts'
import { reactivateUsers } from '../lifecycle/reactivate-users.ts'
import type { DeactivationVerdict } from '../model/post-sync-run.ts'
import { mapProfiles } from './map-profiles.ts'
import { matchPeople } from './match-people.ts'
import type { PeopleContext } from './people-context.ts'
import type { PostSyncWork } from './work.ts'

/**
 * The steps, in order, each over everything before the next begins: so neither the size of a slice nor the order of
 * pages changes what comes of it.
 */
export async function carryOut(
  { users, profiles, isExempt }: PeopleContext,
  work: PostSyncWork,
): Promise<DeactivationVerdict> {
  await matchPeople(work, users)
  await work.effects.creates()
  const guard = work.settings.deactivateUsers
    ? await deactivateUsers(work, { users, isExempt })
    : { linked: work.linkedUsers, candidates: 0, limit: 0, tripped: false }
  if (work.settings.deactivateUsers) await reactivateUsers(work, users)
  await mapProfiles(work, profiles)
  return guard
}
