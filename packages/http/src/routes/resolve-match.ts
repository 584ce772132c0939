import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { connectorId } from '../schemas/ids.ts'
import { matchDocument, toMatchDocument } from '../schemas/match.ts'
import { matchId, resolution } from '../schemas/resolution.ts'

export const resolveMatch = defineRoute({
  name: 'resolveMatch',
  method: 'POST',
  path: '/connectors/:connectorId/sync-matches/:matchId/resolve',
  permission: 'connector:manage',
  summary: 'Decides about a match row',
  description:
    '`link`: to this user, whatever post-sync finds. `skip`: to nobody. `create`: to a new, unconfirmed user with the e-mail of the resource: 400 without one, 409 when another user has it.',
  params: z.strictObject({ connectorId, matchId }),
  body: resolution,
  idempotency: 'answer',
  problems: ['MATCH_CHANGED', 'USER_EXISTS', 'POST_SYNC_UNAVAILABLE'],
  replies: { 200: { description: 'The row as it is now', body: matchDocument } },
  async handle({ syncline, connector, principal }, { params, body }) {
    const match = await syncline.matches.resolve({
      ...body,
      connectorId: connector.connectorId,
      matchId: params.matchId,
      resolvedBy: principal.id,
    })
    return { status: 200, body: toMatchDocument(match) }
  },
})
