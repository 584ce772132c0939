import type { Profile } from '../model/profile.ts'
import type { ProfileStore } from '../ports/profile-store.ts'
import { copyOf } from './memory-state.ts'

/** Profiles as a Map: for tests, trials and as the executable specification of the port. */
export function memoryProfileStore(): ProfileStore {
  const profiles = new Map<string, Profile>()
  const profileOf = (userId: string): Profile =>
    profiles.get(userId) ?? { userId, attributes: {}, attributeSources: {}, version: '' }
  return {
    read: async (userIds) => [...new Set(userIds)].map((userId) => copyOf(profileOf(userId))),
    async write(writes) {
      const written: string[] = []
      for (const { userId, version, changes } of copyOf(writes)) {
        const before = profileOf(userId)
        if (before.version !== version) continue
        const attributes = new Map(Object.entries(before.attributes))
        const sources = new Map(Object.entries(before.attributeSources))
        for (const { field, to, source } of changes) {
          if (to === undefined) attributes.delete(field)
          else attributes.set(field, to)
          sources.set(field, source)
        }
        profiles.set(userId, {
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
