import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { connectorId } from '../schemas/ids.ts'
import { bulkResolution } from '../schemas/resolution.ts'

export const bulkResolveMatches = defineRoute({
  name: 'bulkResolveMatches',
  method: 'POST',
  path: '/connectors/:connectorId/sync-matches/bulk-resolve',
  permission: 'connector:manage',
  summary: 'One decision about many match rows',
  description: 'Rows of other connectors are left alone, and so are rows in `create_pending`.',
  params: z.strictObject({ connectorId }),
  body: bulkResolution,
  idempotency: 'answer',
  problems: ['MATCH_CHANGED', 'POST_SYNC_UNAVAILABLE'],
  replies: {
    200: {
      description: 'How many rows are now as the decision wants them',
      body: z.object({ updated: z.int().min(0) }).meta({ id: 'BulkResolved' }),
    },
  },
  async handle({ syncline, connector, principal }, { body }) {
    const { updated } = await syncline.matches.bulkResolve({
      ...body,
      connectorId: connector.connectorId,
      resolvedBy: principal.id,
    })
    return { status: 200, body: { updated } }
  },
})
