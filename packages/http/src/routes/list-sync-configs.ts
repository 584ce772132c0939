import type { Paged, SyncConfig } from '@syncline/core'
import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { listCursors } from '../lists/list-cursor.ts'
import { listDocument, listQuery } from '../lists/list-document.ts'
import { documentsOf, readList } from '../lists/read-list.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'
import { syncConfigDocument, toSyncConfigDocument } from '../schemas/sync-config.ts'

export const listSyncConfigs = defineRoute({
  name: 'listSyncConfigs',
  method: 'GET',
  path: '/connectors/:connectorId/sync-config',
  permission: 'connector:read',
  summary: 'The sync configurations of a connector',
  description: 'Ordered by resource type.',
  params: z.strictObject({ connectorId }),
  query: z.strictObject(listQuery),
  replies: {
    200: { description: 'Settings', body: listDocument(syncConfigDocument).meta({ id: 'SyncConfigList' }) },
  },
  async handle({ syncline, connector }, { query }) {
    const scope = { connectorId: connector.connectorId }
    // As many as the connector has resource types: a handful, read at once.
    const configs = await syncline.configs.list(scope)
    const answer = await readList(query, {
      cursors: listCursors({ name: 'sync-config', ...scope }, resourceType),
      paged: async (page) => pageOf(configs, page),
      slice: async (after, limit) => configs.filter((config) => config.resourceType > after).slice(0, limit),
      keyOf: (config) => config.resourceType,
    })
    return { status: 200, body: documentsOf(answer, toSyncConfigDocument) }
  },
})

function pageOf(
  configs: readonly SyncConfig[],
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
): Paged<SyncConfig> {
  const total = configs.length
  const data = configs.slice((page - 1) * pageSize, page * pageSize)
  return { data, total, totalIsExact: true, page, pageSize, totalPages: Math.ceil(total / pageSize) }
}
