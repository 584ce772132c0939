import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'
import { matchStatsDocument } from '../schemas/match.ts'

export const matchStats = defineRoute({
  name: 'matchStats',
  method: 'GET',
  path: '/connectors/:connectorId/sync-matches/stats',
  permission: 'connector:read',
  summary: 'How many match rows of a resource type there are of each status',
  params: z.strictObject({ connectorId }),
  query: z.strictObject({ type: resourceType }),
  problems: ['POST_SYNC_UNAVAILABLE'],
  replies: { 200: { description: 'Numbers of rows', body: matchStatsDocument } },
  async handle({ syncline, connector }, { query }) {
    const scope = { connectorId: connector.connectorId, resourceType: query.type }
    return { status: 200, body: await syncline.matches.stats(scope) }
  },
})
