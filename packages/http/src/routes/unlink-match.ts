import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { connectorId } from '../schemas/ids.ts'
import { matchDocument, toMatchDocument } from '../schemas/match.ts'
import { noFields } from '../schemas/no-fields.ts'
import { matchId } from '../schemas/resolution.ts'

export const unlinkMatch = defineRoute({
  name: 'unlinkMatch',
  method: 'POST',
  path: '/connectors/:connectorId/sync-matches/:matchId/unlink',
  permission: 'connector:manage',
  summary: 'Takes the user and every trace of a resolution from a match row',
  description: 'The row is `unmatched` again, for the next post-sync to decide.',
  params: z.strictObject({ connectorId, matchId }),
  body: noFields,
  bodyOptional: true,
  idempotency: 'answer',
  problems: ['MATCH_CHANGED', 'POST_SYNC_UNAVAILABLE'],
  replies: { 200: { description: 'The row as it is now', body: matchDocument } },
  async handle({ syncline, connector, principal }, { params }) {
    const match = await syncline.matches.unlink({
      connectorId: connector.connectorId,
      matchId: params.matchId,
      resolvedBy: principal.id,
    })
    return { status: 200, body: toMatchDocument(match) }
  },
})
