import { SyncError } from '../errors.ts'
import type { LocalUser } from '../model/local-user.ts'
import { defaultTenantId, type Owner } from '../model/owner.ts'
import type { ProfileStore } from '../ports/profile-store.ts'
import type { UserDirectory } from '../ports/user-directory.ts'
import type { PeopleContext, PeopleHost } from './people-context.ts'
import type { TenantProfiles, TenantUsers } from './tenant-ports.ts'

/** Binds the host's users and profiles to the tenant of a connector. */
export const bindTenant = (host: PeopleHost, tenantId: string): PeopleContext => ({
  ...host,
  tenantId,
  users: tenantUsers(host.users, { tenantId }),
  profiles: host.profiles && tenantProfiles(host.profiles, { tenantId }),
  isExempt: (user) => host.isExempt({ ...user, tenantId }),
})

function tenantUsers(users: UserDirectory, owner: Owner): TenantUsers {
  const { tenantId } = owner
  return {
    async findByKeys(lookup) {
      const hits = await users.findByKeys({ ...lookup, tenantId })
      for (const { user } of hits) requireOwn(user, 'findByKeys', owner)
      return hits
    },
    async get(userIds) {
      const found = await users.get(userIds, owner)
      for (const user of found) requireOwn(user, 'get', owner)
      return found
    },
    async create(requests) {
      const made = await users.create(requests.map((request) => ({ ...request, tenantId })))
      for (const outcome of made) if (outcome.kind === 'created') requireOwn(outcome.user, 'create', owner)
      return made
    },
    async createdBy(actionIds) {
      const made = await users.createdBy(actionIds, owner)
      for (const { user } of made) requireOwn(user, 'createdBy', owner)
      return made
    },
    changeStatus: (changes) => users.changeStatus(changes.map((change) => ({ ...change, tenantId }))),
  }
}

const tenantProfiles = (profiles: ProfileStore, owner: Owner): TenantProfiles => ({
  read: (userIds) => profiles.read(userIds, owner),
  write: (writes) => profiles.write(writes.map((write) => ({ ...write, tenantId: owner.tenantId }))),
})

/** A user of another tenant is a broken answer, never a match. The message does not contain the other tenant. */
function requireOwn(user: LocalUser, method: string, { tenantId }: Owner): void {
  const { userId, tenantId: own = defaultTenantId } = user
  if (own === tenantId) return
  throw new SyncError(
    'USER_DIRECTORY_FAILED',
    `UserDirectory.${method} was called for tenant "${tenantId}" and returned user "${userId}" of another tenant. Return users of the given tenant only, with their tenantId.`,
    { details: { method, tenantId, userId } },
  )
}
