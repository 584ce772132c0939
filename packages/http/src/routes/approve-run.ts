import { z } from 'zod'
import { awaitRun, problemOfRun } from '../await-run.ts'
import { defineRoute } from '../define-route.ts'
import { appliedOf, parsePrefer } from '../input/prefer.ts'
import { connectorId } from '../schemas/ids.ts'
import { noFields } from '../schemas/no-fields.ts'
import { prefer } from '../schemas/prefer.ts'
import { runDocument, runId, toRunDocument } from '../schemas/run.ts'
import { runPath } from './run-path.ts'

export const approveRun = defineRoute({
  name: 'approveRun',
  method: 'POST',
  path: '/connectors/:connectorId/runs/:runId/approve',
  permission: 'connector:manage',
  summary: 'Carries out the removals that a guarded run refused',
  description:
    'Exactly those, once: 409 when the run is not guarded, was approved already or a later full run began. Waits for the run that does it; with `Prefer: respond-async` or after `wait` seconds, 202 and where that run is. A client that goes away does not stop it.',
  params: z.strictObject({ connectorId, runId }),
  headers: z.object({ prefer }),
  body: noFields,
  bodyOptional: true,
  idempotency: 'effect',
  problems: [
    'RUN_NOT_GUARDED',
    'RUN_SUPERSEDED',
    'SYNC_ALREADY_RUNNING',
    'CONNECTOR_PAUSED',
    'RUN_CANCELLED',
    'CONNECTOR_FAILED',
    'RUN_TIMEOUT',
  ],
  replies: {
    200: { description: 'The run that carried them out', body: runDocument },
    202: {
      description: 'That run goes on, or has yet to begin',
      headers: { location: 'Path of the run.', 'preference-applied': 'What was done of `Prefer`.' },
      body: runDocument,
    },
  },
  async handle({ syncline, connector, principal, signal, pathOf, effectId }, { params, headers }) {
    const preference = parsePrefer(headers.prefer)
    const queued = await syncline.runs.queueApproval({
      connectorId: connector.connectorId,
      runId: params.runId,
      approvedBy: principal.id,
      approvalId: effectId,
    })
    const run = await awaitRun(syncline, queued, { preference, signal })
    const applied = appliedOf(preference)
    if (!run.finishedAt) {
      const location = pathOf(runPath, { connectorId: run.connectorId, runId: run.runId })
      return { status: 202, headers: { ...applied, location }, body: toRunDocument(run) }
    }
    if (run.status !== 'success') throw problemOfRun(run)
    return { status: 200, headers: applied, body: toRunDocument(run) }
  },
})
