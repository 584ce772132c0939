import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { connectorId, externalId, resourceType } from '../schemas/ids.ts'

const clearedDocument = z
  .object({
    cleared: z.boolean().meta({ description: 'False: it could not be reached and is tried again.' }),
  })
  .meta({ id: 'CacheCleared' })

export const clearCache = defineRoute({
  name: 'clearCache',
  method: 'DELETE',
  path: '/connectors/:connectorId/cache',
  permission: 'connector:manage',
  summary: 'Forget looked-up resources',
  description: 'Of the connector, of one resource type, or one resource.',
  params: z.strictObject({ connectorId }),
  query: z
    .strictObject({ type: resourceType.optional(), externalId: externalId.optional() })
    .refine(({ type, externalId: id }) => id === undefined || type !== undefined, {
      message: 'externalId needs a type',
    }),
  replies: {
    200: { description: 'No process serves anything older from now on', body: clearedDocument },
    202: {
      description: 'This process serves nothing older; others follow once the cache answers',
      body: clearedDocument,
    },
  },
  async handle({ syncline, connector }, { query }) {
    const cleared = await syncline.cache.clear({
      connectorId: connector.connectorId,
      resourceType: query.type,
      externalId: query.externalId,
    })
    return { status: cleared ? 200 : 202, body: { cleared } }
  },
})
