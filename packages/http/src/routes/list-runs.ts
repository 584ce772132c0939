import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { listCursors } from '../lists/list-cursor.ts'
import { listDocument, listQuery } from '../lists/list-document.ts'
import { documentsOf, readList } from '../lists/read-list.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'
import { runDocument, runId, runStatuses, toRunDocument } from '../schemas/run.ts'

export const listRuns = defineRoute({
  name: 'listRuns',
  method: 'GET',
  path: '/connectors/:connectorId/runs',
  permission: 'connector:read',
  summary: 'The runs of a connector',
  description: 'Newest first.',
  params: z.strictObject({ connectorId }),
  query: z.strictObject({
    type: resourceType.optional(),
    status: z.enum(runStatuses).optional(),
    ...listQuery,
  }),
  replies: { 200: { description: 'Runs', body: listDocument(runDocument).meta({ id: 'RunList' }) } },
  async handle({ syncline, connector }, { query: { type, status, ...list } }) {
    const filter = { connectorId: connector.connectorId, resourceType: type, status }
    const answer = await readList(list, {
      cursors: listCursors({ name: 'runs', connectorId: connector.connectorId }, runId),
      paged: (page) => syncline.runs.paged({ ...filter, ...page }),
      slice: (before, limit) => syncline.runs.list({ ...filter, before, limit }),
      keyOf: (run) => run.runId,
    })
    return { status: 200, body: documentsOf(answer, toRunDocument) }
  },
})
