import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { listCursors, placeText } from '../lists/list-cursor.ts'
import { listDocument, listQuery, searchText } from '../lists/list-document.ts'
import { documentsOf, readList } from '../lists/read-list.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'
import { flag } from '../schemas/page-query.ts'
import { resourceDocument, toResourceDocument } from '../schemas/resource.ts'

const key = z.object({ resourceType, externalId: placeText })

export const listResources = defineRoute({
  name: 'listResources',
  method: 'GET',
  path: '/connectors/:connectorId/resources',
  permission: 'connector:read',
  provenByRows: true,
  summary: 'The synced resources of a connector',
  description: 'Ordered by resource type, then external id. Without `stale`, live and stale ones.',
  params: z.strictObject({ connectorId }),
  query: z.strictObject({
    type: resourceType.optional(),
    search: searchText.meta({
      description: 'Part of display name, e-mail or external id, whatever the case.',
    }),
    stale: flag.optional().meta({ description: 'true: only stale ones; false: only live ones.' }),
    ...listQuery,
  }),
  replies: {
    200: { description: 'Resources', body: listDocument(resourceDocument).meta({ id: 'ResourceList' }) },
  },
  async handle({ syncline, connector, requireConnector }, { query: { type, search, stale, ...list } }) {
    const filter = { ...connector, resourceType: type, search, stale }
    const answer = await readList(list, {
      cursors: listCursors({ name: 'resources', connectorId: connector.connectorId }, key),
      paged: (page) => syncline.resources.list({ ...filter, ...page }),
      slice: (after, limit) => syncline.resources.slice({ ...filter, after, limit }),
      keyOf: (resource) => ({ resourceType: resource.resourceType, externalId: resource.externalId }),
    })
    if (answer.data.length === 0) await requireConnector()
    return { status: 200, body: documentsOf(answer, toResourceDocument) }
  },
})
