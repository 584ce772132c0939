import { SyncError } from '@syncline/core'
import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { connectorId } from '../schemas/ids.ts'
import { noFields } from '../schemas/no-fields.ts'
import { runDocument, runId, toRunDocument } from '../schemas/run.ts'

export const cancelRun = defineRoute({
  name: 'cancelRun',
  method: 'POST',
  path: '/connectors/:connectorId/runs/:runId/cancel',
  permission: 'connector:manage',
  summary: 'Asks a run to stop',
  description:
    'A queued run is cancelled at once. A running one stops with its next page, wherever it runs, and what it has stored stays. Repeating it changes nothing; a run that came to another end is 409.',
  params: z.strictObject({ connectorId, runId }),
  body: noFields,
  bodyOptional: true,
  problems: ['RUN_ENDED'],
  replies: { 200: { description: 'The run, cancelled or about to be', body: runDocument } },
  async handle({ syncline, connector }, { params }) {
    const owner = { connectorId: connector.connectorId }
    const asked = await syncline.runs.cancel(params.runId, owner)
    const run = await syncline.runs.get(params.runId, owner)
    if (!run) throw new SyncError('RUN_NOT_FOUND', 'The connector has no such run')
    if (asked || run.status === 'cancelled') return { status: 200, body: toRunDocument(run) }
    throw new SyncError('RUN_ENDED', `Run ${run.runId} has ended as ${run.status}`, {
      details: { runId: run.runId, status: run.status },
    })
  },
})
