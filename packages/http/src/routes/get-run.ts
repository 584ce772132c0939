import { SyncError } from '@syncline/core'
import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { connectorId } from '../schemas/ids.ts'
import { runDocument, runId, toRunDocument } from '../schemas/run.ts'

export const getRun = defineRoute({
  name: 'getRun',
  method: 'GET',
  path: '/connectors/:connectorId/runs/:runId',
  permission: 'connector:read',
  summary: 'One run',
  params: z.strictObject({ connectorId, runId }),
  replies: { 200: { description: 'The run', body: runDocument } },
  async handle({ syncline, connector }, { params }) {
    const run = await syncline.runs.get(params.runId, { connectorId: connector.connectorId })
    if (!run) throw new SyncError('RUN_NOT_FOUND', 'The connector has no such run')
    return { status: 200, body: toRunDocument(run) }
  },
})
