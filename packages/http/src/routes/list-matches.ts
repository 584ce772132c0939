import { matchStatuses } from '@syncline/core'
import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { listCursors, placeText } from '../lists/list-cursor.ts'
import { listDocument, listQuery, searchText } from '../lists/list-document.ts'
import { documentsOf, readList } from '../lists/read-list.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'
import { matchDocument, toMatchDocument } from '../schemas/match.ts'

export const listMatches = defineRoute({
  name: 'listMatches',
  method: 'GET',
  path: '/connectors/:connectorId/sync-matches',
  permission: 'connector:read',
  summary: 'The match rows of a resource type',
  description: 'Ordered by external id.',
  params: z.strictObject({ connectorId }),
  query: z.strictObject({
    type: resourceType,
    status: z.enum(matchStatuses).optional(),
    search: searchText.meta({
      description: 'Part of external id, e-mail or display name, whatever the case.',
    }),
    ...listQuery,
  }),
  problems: ['POST_SYNC_UNAVAILABLE'],
  replies: {
    200: { description: 'Match rows', body: listDocument(matchDocument).meta({ id: 'SyncMatchList' }) },
  },
  async handle({ syncline, connector }, { query: { type, status, search, ...list } }) {
    const filter = { connectorId: connector.connectorId, resourceType: type, status, search }
    const answer = await readList(list, {
      cursors: listCursors({ name: 'sync-matches', connectorId: connector.connectorId }, placeText),
      paged: (page) => syncline.matches.list({ ...filter, ...page }),
      slice: (after, limit) => syncline.matches.slice({ ...filter, after, limit }),
      keyOf: ({ externalId }) => externalId,
    })
    return { status: 200, body: documentsOf(answer, toMatchDocument) }
  },
})
