import { z } from 'zod'
import { SyncError } from '../errors.ts'
import { hashRecipe, withHash } from '../hashing/record-hash.ts'
import type { UpstreamRecord } from '../model/record.ts'
import type { Scope } from '../model/scope.ts'
import type { Store } from '../ports/store.ts'
import { sanitiseRecord } from '../records/sanitise-record.ts'
import type { HandleContext } from './connectors.ts'
import { describeIssues } from './options.ts'
import { loadScope } from './prepare-job.ts'
import type { Paged, PageRequest, Syncline } from './syncline.ts'

const sliceSize = 1_000
const mostCounted = 1_000

const pageSchema = z.object({
  page: z.number().int().min(1).default(1),
  pageSize: z.number().int().min(1).max(2_000).default(20),
})

export function resourcesHandle(context: HandleContext): Syncline['resources'] {
  const { resources } = context.store
  return {
    get: (ref) => resources.get(ref),
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
    async *all(query) {
      let after: { resourceType: string; externalId: string } | undefined
      for (;;) {
        const slice = await resources.find({ ...query, limit: sliceSize, after })
        yield* slice
        after = slice.at(-1)
        if (slice.length < sliceSize) return
      }
    },
    upsert: (scope, record) => upsert(context, scope, record),
    remove: (ref) => resources.removeOne(ref),
  }
}

export function quarantineHandle(store: Store): Syncline['quarantine'] {
  return {
    list: ({ page, pageSize, ...scope }) =>
      paged(
        { page, pageSize },
        {
          find: (slice) => store.quarantine.list({ scope, ...slice }),
          count: () => store.quarantine.count(scope),
        },
      ),
  }
}

/** @throws OPTIONS_INVALID for a page or page size out of range */
async function paged<Item>(
  request: PageRequest,
  source: {
    readonly find: (slice: { limit: number; offset: number }) => Promise<readonly Item[]>
    readonly count: (atMost?: number) => Promise<number>
    readonly mostCounted?: number | undefined
  },
): Promise<Paged<Item>> {
  const parsed = pageSchema.safeParse(request)
  if (!parsed.success) throw new SyncError('OPTIONS_INVALID', `List: ${describeIssues(parsed.error)}`)
  const { page, pageSize } = parsed.data
  const { mostCounted: most } = source
  // Far enough to know whether another page follows.
  const atMost = most && Math.max(most, page * pageSize + 1)
  const [data, total] = await Promise.all([
    source.find({ limit: pageSize, offset: (page - 1) * pageSize }),
    source.count(atMost),
  ])
  const totalIsExact = atMost === undefined || total < atMost
  return { data, total, totalIsExact, page, pageSize, totalPages: Math.ceil(total / pageSize) }
}

async function upsert(context: HandleContext, scope: Scope, record: UpstreamRecord) {
  const outcome = sanitiseRecord(record, 0)
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
