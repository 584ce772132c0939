import { SyncError } from '@syncline/core'
import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { runEvent, runEvents } from '../events/run-events.ts'
import { connectorId } from '../schemas/ids.ts'
import { runId } from '../schemas/run.ts'

export const streamRunEvents = defineRoute({
  name: 'streamRunEvents',
  method: 'GET',
  path: '/connectors/:connectorId/runs/:runId/events',
  permission: 'connector:read',
  summary: 'A run as it goes on, as server-sent events',
  description:
    'Of whichever process. Each event is the whole state of the run, as `GET …/runs/:runId` answers it: `progress` while it goes on, then one `finished`, with which the stream ends. Who reads slowly gets the newest state next, not every one between. Comments keep the connection open. A caller may have a limited number of streams open; one more is 429.',
  params: z.strictObject({ connectorId, runId }),
  headers: z.object({
    'last-event-id': z
      .string()
      .max(255)
      .optional()
      .meta({ description: 'Id of the last event that was received: that state is not sent again.' }),
  }),
  replies: {
    200: { description: 'Events `progress` and `finished`', stream: 'text/event-stream' },
    204: { description: 'The event `finished` was received already: there is nothing to come back for' },
  },
  async handle({ syncline, runStreams, connector, principal, signal }, { params, headers }) {
    const owner = { connectorId: connector.connectorId }
    const run = await syncline.runs.get(params.runId, owner)
    if (!run) throw new SyncError('RUN_NOT_FOUND', 'The connector has no such run')
    const lastEventId = headers['last-event-id']
    if (run.finishedAt && runEvent(run).id === lastEventId) return { status: 204 }
    const states = runStreams.open({ ...owner, run, principal, signal })
    return {
      status: 200,
      // Buffering proxies hold events back.
      headers: { 'x-accel-buffering': 'no' },
      stream: runEvents(states, { lastEventId, signal }),
    }
  },
})
