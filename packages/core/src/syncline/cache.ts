import { z } from 'zod'
import type { ResourceCache } from '../caching/resource-cache.ts'
import { SyncError } from '../errors.ts'
import { describeIssues } from './options.ts'
import type { Syncline } from './syncline.ts'

const targetSchema = z
  .strictObject({
    connectorId: z.string(),
    resourceType: z.string().optional(),
    externalId: z.string().optional(),
  })
  .refine(({ resourceType, externalId }) => externalId === undefined || resourceType !== undefined, {
    message: 'externalId needs a resourceType',
  })

export const cacheHandle = (cache: Pick<ResourceCache<unknown>, 'invalidate'>): Syncline['cache'] => ({
  async clear(target) {
    const parsed = targetSchema.safeParse(target)
    if (parsed.success) return cache.invalidate(parsed.data)
    throw new SyncError('OPTIONS_INVALID', `Cache: ${describeIssues(parsed.error)}`)
  },
})
