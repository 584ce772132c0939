import { defaultTenantId, type Owner } from '../model/owner.ts'
import type { Profile } from '../model/profile.ts'
import type { ProfileStore } from '../ports/profile-store.ts'
import { copyOf } from './memory-state.ts'
import { tenantMap } from './tenant-map.ts'

/** A profile store whose host may leave the tenant out. */
export interface MemoryProfileStore extends ProfileStore {
  /** @param owner @default the tenant 'default' */
  read(userIds: readonly string[], owner?: Owner): Promise<readonly Profile[]>
}

/** Profiles as a Map: for tests, trials and as the executable specification of the port. */
export function memoryProfileStore(): MemoryProfileStore {
  const profiles = tenantMap<Profile>()
  const profileOf = (tenantId: string, userId: string): Profile =>
    profiles.get(tenantId, userId) ?? { userId, attributes: {}, attributeSources: {}, version: '' }
  return {
    read: async (userIds, { tenantId } = { tenantId: defaultTenantId }) =>
      [...new Set(userIds)].map((userId) => copyOf(profileOf(tenantId, userId))),
    async write(writes) {
      const written: string[] = []
      for (const { tenantId, userId, version, changes } of copyOf(writes)) {
        const before = profileOf(tenantId, userId)
        if (before.version !== version) continue
        const attributes = new Map(Object.entries(before.attributes))
        const sources = new Map(Object.entries(before.attributeSources))
        for (const { field, to, source } of changes) {
          if (to === undefined) attributes.delete(field)
          else attributes.set(field, to)
          sources.set(field, source)
        }
        profiles.set(tenantId, userId, {
          userId,
          attributes: Object.fromEntries(attributes),
          attributeSources: Object.fromEntries(sources),
          version: String(Number(before.version) + 1),
        })
        written.push(userId)
      }
      return written
    },
  }
}
