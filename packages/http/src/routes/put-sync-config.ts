import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { changeConditions, conditionOf } from '../schemas/condition.ts'
import { entityTag } from '../schemas/entity-tag.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'
import {
  syncConfigChange,
  syncConfigDocument,
  toSettings,
  toSyncConfigDocument,
} from '../schemas/sync-config.ts'
import { getSyncConfig } from './get-sync-config.ts'

export const putSyncConfig = defineRoute({
  name: 'putSyncConfig',
  method: 'PUT',
  path: '/connectors/:connectorId/sync-config/:resourceType',
  permission: 'connector:manage',
  summary: 'Create or change a sync configuration',
  description:
    'Fields that are left out keep their values, or get their defaults on create. With a schedule and `enabled` it runs by itself from then on. Edits of different fields at once are both kept; `If-Match` refuses an edit that was decided on older settings.',
  params: z.strictObject({ connectorId, resourceType }),
  headers: changeConditions,
  body: syncConfigChange,
  replies: {
    200: {
      description: 'Changed; all settings as they are now',
      headers: { etag: 'For the next `If-Match`.' },
      body: syncConfigDocument,
    },
    201: {
      description: 'Created; all settings',
      headers: { etag: 'For the next `If-Match`.', location: 'Path of the configuration.' },
      body: syncConfigDocument,
    },
  },
  async handle({ syncline, connector, pathOf }, { params, headers, body }) {
    const scope = { connectorId: connector.connectorId, resourceType: params.resourceType }
    const before = await syncline.configs.get(scope)
    const saved = await syncline.configs.save({ ...scope, ...toSettings(body) }, conditionOf(headers))
    const etag = entityTag(saved.revision)
    const document = toSyncConfigDocument(saved)
    return before
      ? { status: 200, headers: { etag }, body: document }
      : { status: 201, headers: { etag, location: pathOf(getSyncConfig, scope) }, body: document }
  },
})
