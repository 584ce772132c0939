import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { listCursors } from '../lists/list-cursor.ts'
import { listDocument, listQuery } from '../lists/list-document.ts'
import { documentsOf, readList } from '../lists/read-list.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'
import { quarantinedRecordDocument, toQuarantinedRecordDocument } from '../schemas/quarantined-record.ts'

const key = z.int()

export const listQuarantine = defineRoute({
  name: 'listQuarantine',
  method: 'GET',
  path: '/connectors/:connectorId/quarantine',
  permission: 'connector:read',
  summary: 'The records of a connector that could not be kept',
  description: 'Newest first.',
  params: z.strictObject({ connectorId }),
  query: z.strictObject({ type: resourceType.optional(), ...listQuery }),
  replies: {
    200: {
      description: 'Quarantined records',
      body: listDocument(quarantinedRecordDocument).meta({ id: 'QuarantineList' }),
    },
  },
  async handle({ syncline, connector }, { query: { type, ...list } }) {
    const filter = { connectorId: connector.connectorId, resourceType: type }
    const answer = await readList(list, {
      cursors: listCursors({ name: 'quarantine', connectorId: connector.connectorId }, key),
      paged: (page) => syncline.quarantine.list({ ...filter, ...page }),
      slice: (before, limit) => syncline.quarantine.slice({ ...filter, before, limit }),
      keyOf: ({ entryId }) => entryId,
    })
    return { status: 200, body: documentsOf(answer, toQuarantinedRecordDocument) }
  },
})
