import type { Resource } from '../model/resource.ts'
import type { ResourceStore } from '../ports/resource-store.ts'
import { closeListing } from './close-listing.ts'
import { commitPage } from './commit-page.ts'
import { findRows, toResource } from './find-rows.ts'
import { endQuarantine } from './memory-quarantine-store.ts'
import { appendChange, type MemoryState, openScope, readScope } from './memory-state.ts'
import { planRecord } from './plan-page.ts'
import { markStale, purgeStale } from './sweep-rows.ts'

/** Resources as a Map per scope. Single-threaded JavaScript makes each method exclusive. */
export function memoryResourceStore(state: MemoryState): ResourceStore {
  return {
    commitPage: async (commit) => commitPage(state, commit),
    closeListing: async (request) => closeListing(state, request),
    markStale: async (request) => markStale(state, request),
    purgeStale: async (request) => purgeStale(state, request),
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
    async upsertOne({ scope: { connectorId, resourceType }, record }) {
      const data = openScope(state, { connectorId, resourceType })
      const now = state.now()
      const plan = planRecord(data, record, { now, generation: 0, createId: state.createId })
      const { externalId } = record
      const { resourceId, change: kind } = plan
      const row = plan.row ?? data.rows.get(externalId)
      if (row) data.rows.set(externalId, { ...row, syncedAt: now })
      if (kind === 'created') data.sortedIds = undefined
      if (kind) {
        const at = new Date(now)
        appendChange(data, { connectorId, resourceType, externalId, kind, resourceId, at })
      }
      endQuarantine(data, externalId)
      return kind ?? 'unchanged'
    },
    async removeOne({ connectorId, resourceType, externalId }) {
      const data = readScope(state, { connectorId, resourceType })
      const row = data?.rows.get(externalId)
      if (!data || !row) return false
      data.rows.delete(externalId)
      data.sortedIds = undefined
      const at = new Date(state.now())
      const { resourceId } = row
      appendChange(data, { connectorId, resourceType, externalId, kind: 'removed', resourceId, at })
      return true
    },
  }
}
