import { SyncError } from '@syncline/core'
import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { conditionOf, removalConditions } from '../schemas/condition.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'

export const deleteSyncConfig = defineRoute({
  name: 'deleteSyncConfig',
  method: 'DELETE',
  path: '/connectors/:connectorId/sync-config/:resourceType',
  permission: 'connector:manage',
  summary: 'Remove a sync configuration and its schedule',
  description: 'Resources and run history stay.',
  params: z.strictObject({ connectorId, resourceType }),
  headers: removalConditions,
  replies: { 204: { description: 'Removed' } },
  async handle({ syncline, connector }, { params, headers }) {
    const scope = { connectorId: connector.connectorId, resourceType: params.resourceType }
    if (await syncline.configs.remove(scope, conditionOf(headers))) return { status: 204 }
    throw new SyncError('NOT_FOUND', 'The resource type has no settings')
  },
})
