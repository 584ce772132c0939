import type { Resource } from '../model/resource.ts'
import type { ResourceStore } from '../ports/resource-store.ts'
import { closeListing } from './close-listing.ts'
import { commitPage } from './commit-page.ts'
import { findRows, toResource } from './find-rows.ts'
import { type MemoryState, readScope } from './memory-state.ts'
import { markStale, purgeExpired, purgeStale } from './sweep-rows.ts'
import { removeOne, upsertOne } from './write-one.ts'

/** Resources as a Map per scope. Single-threaded JavaScript makes each method exclusive. */
export function memoryResourceStore(state: MemoryState): ResourceStore {
  return {
    commitPage: async (commit) => commitPage(state, commit),
    closeListing: async (request) => closeListing(state, request),
    markStale: async (request) => markStale(state, request),
    purgeStale: async (request) => purgeStale(state, request),
    purgeExpired: async (request) => purgeExpired(state, request),
    async get(ref) {
      const data = readScope(state, ref)
      const row = data?.rows.get(ref.externalId)
      return data && row && toResource(ref, data, row)
    },
    async find(slice) {
      const { limit, offset = 0 } = slice
      const found: Resource[] = []
      let place = 0
      for (const { scope, data, row } of findRows(state, slice)) {
        if (place >= offset + limit) break
        if (place >= offset) found.push(toResource(scope, data, row))
        place += 1
      }
      return found
    },
    async count(query) {
      const { atMost = Number.POSITIVE_INFINITY } = query
      let count = 0
      for (const _ of findRows(state, query)) if (++count >= atMost) break
      return Math.min(count, atMost)
    },
    upsertOne: async (request) => upsertOne(state, request),
    removeOne: async (ref) => removeOne(state, ref),
  }
}
