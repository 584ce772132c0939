import { z } from 'zod'
import { awaitRun, problemOfRun } from '../await-run.ts'
import { defineRoute } from '../define-route.ts'
import { appliedOf, parsePrefer } from '../input/prefer.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'
import { prefer } from '../schemas/prefer.ts'
import { syncStatsDocument } from '../schemas/sync-stats.ts'
import { runPath } from './run-path.ts'

const endedDocument = z
  .object({ message: z.string().meta({ example: 'Sync completed' }), stats: syncStatsDocument })
  .meta({ id: 'SyncCompleted' })

const acceptedDocument = z
  .object({
    message: z.string(),
    runId: z.string(),
    status: z.string().meta({ description: 'Of the run, at this moment.' }),
  })
  .meta({ id: 'SyncAccepted' })

export const triggerSync = defineRoute({
  name: 'triggerSync',
  method: 'POST',
  path: '/connectors/:connectorId/sync-config/:resourceType/trigger',
  permission: 'connector:manage',
  summary: 'Run a sync now',
  description:
    'Waits for the run to end and answers its statistics; with `Prefer: respond-async` or after `wait` seconds, 202 and where the run is. A client that goes away does not stop the run. A run that ends otherwise than with success is answered as the problem it met. With an `Idempotency-Key`, another attempt is about the same run.',
  params: z.strictObject({ connectorId, resourceType }),
  headers: z.object({ prefer }),
  body: z
    .strictObject({
      mode: z
        .enum(['full', 'incremental'])
        .optional()
        .meta({ description: 'Default: the strategy of the config.' }),
      restart: z
        .boolean()
        .optional()
        .meta({ description: 'Begins a new listing even where one could be resumed.' }),
    })
    .meta({ id: 'TriggerRequest' }),
  bodyOptional: true,
  idempotency: 'effect',
  problems: [
    'SYNC_ALREADY_RUNNING',
    'CONNECTOR_PAUSED',
    'CONNECTOR_CONFIG_INVALID',
    'CONNECTOR_TYPE_UNKNOWN',
    'GROUPS_NOT_SYNCED',
    'REMOVAL_GUARDED',
    'RUN_CANCELLED',
    'RUN_LIMIT_REACHED',
    'CREDENTIAL_REJECTED',
    'CREDENTIAL_REAUTH_REQUIRED',
    'CONNECTOR_FAILED',
    'UPSTREAM_UNAVAILABLE',
    'UPSTREAM_TIMEOUT',
    'RUN_TIMEOUT',
  ],
  replies: {
    200: { description: 'The run ended with success', body: endedDocument },
    202: {
      description: 'The run goes on, or has yet to begin',
      headers: { location: 'Path of the run.', 'preference-applied': 'What was done of `Prefer`.' },
      body: acceptedDocument,
    },
  },
  async handle({ syncline, connector, pathOf, signal, effectId }, { params, headers, body }) {
    const scope = { connectorId: connector.connectorId, resourceType: params.resourceType }
    const preference = parsePrefer(headers.prefer)
    const queued = await syncline.trigger({ ...scope, ...body, runId: effectId })
    const run = await awaitRun(syncline, queued, { preference, signal })
    const applied = appliedOf(preference)
    if (!run.finishedAt) {
      const location = pathOf(runPath, { connectorId: run.connectorId, runId: run.runId })
      return {
        status: 202,
        headers: { ...applied, location },
        body: { message: 'Sync started', runId: run.runId, status: run.status },
      }
    }
    if (run.status !== 'success') throw problemOfRun(run)
    return { status: 200, headers: applied, body: { message: 'Sync completed', stats: run.stats } }
  },
})
