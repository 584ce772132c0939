import { SyncError } from '../errors.ts'
import { hashRecipe, withHash } from '../hashing/record-hash.ts'
import type { RejectedRecord } from '../model/quarantine.ts'
import type { ResourceRef, Scope } from '../model/scope.ts'
import type { Store } from '../ports/store.ts'
import { type SanitisedRecord, sanitiseRecord } from '../records/sanitise-record.ts'
import { type HandleContext, isOwnedBy } from './connectors.ts'
import { type LookUpContext, lookUpResource } from './look-up.ts'
import { mostCounted, paged } from './paged.ts'
import { loadScope } from './prepare-job.ts'
import type { Syncline } from './syncline.ts'

const sliceSize = 1_000

export function resourcesHandle(lookUp: LookUpContext): Syncline['resources'] {
  const { handles: context } = lookUp
  const { store, cache } = context
  const { resources } = store
  /** Upstream has changed, whatever comes of the write: nothing older may be served. */
  const invalidating = async <Answer>(ref: ResourceRef, write: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await write()
    } finally {
      await cache.invalidate(refOf(ref))
    }
  }
  return {
    get: (ref) => resources.get(ref),
    lookUp: (ref) => lookUpResource(lookUp, ref),
    list: ({ page, pageSize, ...query }) =>
      paged(
        { page, pageSize },
        {
          find: (slice) => resources.find({ ...query, ...slice }),
          count: (atMost) => resources.count({ ...query, atMost }),
          // Counting all matches of a search may take longer than a person waits.
          mostCounted: query.search ? mostCounted : undefined,
        },
      ),
    slice: (query) => resources.find(query),
    async *all(query) {
      let after: { resourceType: string; externalId: string } | undefined
      for (;;) {
        const slice = await resources.find({ ...query, limit: sliceSize, after })
        yield* slice
        after = slice.at(-1)
        if (slice.length < sliceSize) return
      }
    },
    upsert(scope, record) {
      const outcome = sanitiseRecord(record, 0)
      const { externalId } = outcome
      const write = () => upsert(context, scope, outcome)
      return externalId === undefined ? write() : invalidating({ ...scope, externalId }, write)
    },
    remove: (ref) => invalidating(ref, () => resources.removeOne(ref)),
  }
}

export function quarantineHandle(store: Store): Syncline['quarantine'] {
  return {
    async list({ page, pageSize, tenantId, ...scope }) {
      const isOwned = await isOwnedBy(store, scope.connectorId, { tenantId })
      return paged(
        { page, pageSize },
        {
          find: async (slice) => (isOwned ? store.quarantine.list({ scope, ...slice }) : []),
          count: async () => (isOwned ? store.quarantine.count(scope) : 0),
        },
      )
    },
    slice: async ({ limit, before, tenantId, ...scope }) =>
      (await isOwnedBy(store, scope.connectorId, { tenantId }))
        ? store.quarantine.list({ scope, limit, before })
        : [],
  }
}

async function upsert(context: HandleContext, scope: Scope, outcome: SanitisedRecord | RejectedRecord) {
  if ('reason' in outcome) {
    const { reason, detail } = outcome
    throw new SyncError('RECORD_INVALID', `The record cannot be kept (${reason}): ${detail}`, {
      details: { reason },
    })
  }
  const { config, passes } = await loadScope(context, scope)
  if (!passes(outcome)) return 'excluded' as const
  return context.store.resources.upsertOne({
    scope,
    record: withHash(outcome, hashRecipe(config.volatilePaths)),
  })
}

const refOf = ({ connectorId, resourceType, externalId }: ResourceRef): ResourceRef => ({
  connectorId,
  resourceType,
  externalId,
})
