import { SyncError } from '@syncline/core'
import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { entityTag } from '../schemas/entity-tag.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'
import { syncConfigDocument, toSyncConfigDocument } from '../schemas/sync-config.ts'

export const getSyncConfig = defineRoute({
  name: 'getSyncConfig',
  method: 'GET',
  path: '/connectors/:connectorId/sync-config/:resourceType',
  permission: 'connector:read',
  summary: 'The sync configuration of a resource type',
  params: z.strictObject({ connectorId, resourceType }),
  replies: {
    200: {
      description: 'The settings',
      headers: { etag: 'Changes with every change of the settings; for `If-Match`.' },
      body: syncConfigDocument,
    },
  },
  async handle({ syncline, connector }, { params }) {
    const config = await syncline.configs.get({
      connectorId: connector.connectorId,
      resourceType: params.resourceType,
    })
    if (!config) throw new SyncError('NOT_FOUND', 'The resource type has no settings')
    return { status: 200, headers: { etag: entityTag(config.revision) }, body: toSyncConfigDocument(config) }
  },
})
