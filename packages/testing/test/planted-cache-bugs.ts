import type { Cache, CacheLookUp, ResourceRef } from '@syncline/core'

/** A mistake that a cache may make, and the case that must catch it. */
interface PlantedCacheBug {
  readonly caughtBy: string
  readonly plant: (cache: Cache) => Partial<Cache>
}

const textOf = ({ connectorId, resourceType, externalId }: ResourceRef): string =>
  [connectorId, resourceType, externalId].join(':')

/** Serves what was stored without asking whether its ticket still held. */
const careless = (cache: Cache): Partial<Cache> => {
  const kept = new Map<string, string>()
  return {
    async store(entry) {
      kept.set(textOf(entry.ref), entry.value)
      await cache.store(entry)
      return true
    },
    async lookUp(ref): Promise<CacheLookUp> {
      const value = kept.get(textOf(ref))
      return value === undefined ? cache.lookUp(ref) : { kind: 'hit', value }
    },
    async invalidate(target) {
      kept.clear()
      await cache.invalidate(target)
    },
  }
}

/** The cache, with one way to invalidate that does nothing. */
const deafTo =
  (which: 'resource' | 'type' | 'connector') =>
  (cache: Cache): Partial<Cache> => ({
    async invalidate(target) {
      const asked =
        target.externalId !== undefined
          ? 'resource'
          : target.resourceType !== undefined
            ? 'type'
            : 'connector'
      if (asked !== which) await cache.invalidate(target)
    },
  })

/** The cache, asked about another resource than it was. */
const confusing = (change: (ref: ResourceRef) => ResourceRef) => (cache: Cache) => ({
  lookUp: (ref: ResourceRef) => cache.lookUp(change(ref)),
  store: (entry: Parameters<Cache['store']>[0]) => cache.store({ ...entry, ref: change(entry.ref) }),
})

export const plantedCacheBugs: Readonly<Record<string, PlantedCacheBug>> = {
  'nothing is ever kept': {
    caughtBy: 'what was stored with the ticket of a look-up is a hit in every process',
    plant: () => ({ store: async () => true }),
  },
  'values live for ever': {
    caughtBy: 'a value is served for its ttlMs and not longer',
    plant: (cache) => ({ store: (entry) => cache.store({ ...entry, ttlMs: entry.ttlMs * 10 }) }),
  },
  'values live too short': {
    caughtBy: 'a value is served for its ttlMs and not longer',
    plant: (cache) => ({ store: (entry) => cache.store({ ...entry, ttlMs: entry.ttlMs / 10 }) }),
  },
  'values are trimmed': {
    caughtBy: 'any text comes back as it was stored',
    plant: (cache) => ({ store: (entry) => cache.store({ ...entry, value: entry.value.trim() }) }),
  },
  'each look-up makes a ticket': {
    caughtBy: 'whoever looks before the value is stored is given the same ticket',
    plant: (cache) => {
      let made = 0
      return {
        async lookUp(ref) {
          const found = await cache.lookUp(ref)
          return found.kind === 'hit' ? found : { kind: 'miss', ticket: `${found.ticket}-${++made}` }
        },
      }
    },
  },
  'the last one stores': { caughtBy: 'of several holders of a ticket the first one stores', plant: careless },
  'tickets are not looked at': {
    caughtBy: 'nothing is stored with a ticket that was not given for the resource',
    plant: careless,
  },
  'tickets hold for ever': { caughtBy: 'a ticket holds for a minute', plant: careless },
  'an old value comes back to a resource': {
    caughtBy: 'a ticket from before the invalidation of one resource stores nothing',
    plant: careless,
  },
  'an old value comes back to a type': {
    caughtBy: 'a ticket from before the invalidation of a type stores nothing',
    plant: careless,
  },
  'an old value comes back to a connector': {
    caughtBy: 'a ticket from before the invalidation of a connector stores nothing',
    plant: careless,
  },
  'an old value replaces a new one': {
    caughtBy: 'a value fetched after the invalidation of one resource is kept and stays',
    plant: careless,
  },
  'a resource is not forgotten': {
    caughtBy: 'invalidating one resource forgets exactly that',
    plant: deafTo('resource'),
  },
  'a type is not forgotten': { caughtBy: 'invalidating a type forgets exactly that', plant: deafTo('type') },
  'a connector is not forgotten': {
    caughtBy: 'invalidating a connector forgets exactly that',
    plant: deafTo('connector'),
  },
  'one resource takes its type with it': {
    caughtBy: 'invalidating one resource forgets exactly that',
    plant: (cache) => ({
      invalidate: ({ connectorId, resourceType }) => cache.invalidate({ connectorId, resourceType }),
    }),
  },
  'generations go round': {
    caughtBy: 'nothing from before comes back by invalidating again',
    plant: (cache) => {
      let times = 0
      return {
        async invalidate(target) {
          times += 1
          if (times !== 1) return
          await cache.invalidate(target)
          await cache.store({
            ref: { connectorId: 'acme', resourceType: 'user', externalId: 'ada' },
            ticket: await ticketOf(cache),
            value: 'old',
            ttlMs: 1_000,
          })
        },
      }
    },
  },
  'nothing is kept after an invalidation': {
    caughtBy: 'an invalidation is safe to repeat, and for what was never kept',
    plant: (cache) => {
      let invalidated = false
      return {
        async store(entry) {
          return invalidated ? false : cache.store(entry)
        },
        async invalidate(target) {
          invalidated = true
          await cache.invalidate(target)
        },
      }
    },
  },
  'keys are joined with a colon': {
    caughtBy: 'the key is three fields, byte for byte',
    plant: confusing((ref) => ({ ...ref, connectorId: '', resourceType: '', externalId: textOf(ref) })),
  },
  'external ids are normalised': {
    caughtBy: 'the key is three fields, byte for byte',
    plant: confusing((ref) => ({ ...ref, externalId: ref.externalId.normalize() })),
  },
  'external ids become UTF-8': {
    caughtBy: 'the key is three fields, byte for byte',
    plant: confusing((ref) => ({ ...ref, externalId: ref.externalId.toWellFormed() })),
  },
}

async function ticketOf(cache: Cache): Promise<string> {
  const found = await cache.lookUp({ connectorId: 'acme', resourceType: 'user', externalId: 'ada' })
  return found.kind === 'miss' ? found.ticket : ''
}
