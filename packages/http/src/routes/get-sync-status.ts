import { type Run, type Scope, SyncError, type Syncline } from '@syncline/core'
import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { publicRunState } from '../problems/public-error.ts'
import { connectorId, resourceType } from '../schemas/ids.ts'
import { instant } from '../schemas/instant.ts'
import { postSyncStatusDocument, toPostSyncStatus } from '../schemas/post-sync-status.ts'
import { syncStatsDocument } from '../schemas/sync-stats.ts'

/** How a resource type stands, without its configuration. */
const syncStatusDocument = z
  .object({
    connectorId,
    resourceType,
    lastSyncStatus: z.enum(['idle', 'running', 'success', 'error']),
    lastSyncAt: instant.nullable().meta({ description: 'When the last run ended; null while none has.' }),
    lastSyncError: z.string().nullable(),
    lastSyncStats: syncStatsDocument.nullable().meta({ description: 'Of the last run that ended.' }),
    runId: z.string().nullable().meta({ description: 'The latest run.' }),
    runStatus: z
      .enum(['queued', 'running', 'success', 'partial', 'guarded', 'error', 'cancelled', 'timeout'])
      .nullable(),
    progress: z
      .object({ current: z.int().min(0), total: z.int().min(0).nullable(), message: z.string() })
      .nullable(),
    watermark: z.string().nullable().meta({ description: 'Where the next incremental run starts.' }),
    nextRunAt: instant.nullable().meta({ description: 'When it runs next by itself.' }),
    credential: z
      .enum(['active', 'reauth_required', 'missing', 'unreadable'])
      .nullable()
      .meta({ description: "How the connector's credential stands; never what it is." }),
    postSync: postSyncStatusDocument
      .nullable()
      .meta({ description: 'The latest post-sync; null while there was none.' }),
  })
  .meta({ id: 'SyncStatus', description: 'How a resource type stands.' })

export const getSyncStatus = defineRoute({
  name: 'getSyncStatus',
  method: 'GET',
  path: '/connectors/:connectorId/sync-config/:resourceType/status',
  permission: 'connector:read',
  summary: 'Status, error and statistics of the last sync',
  params: z.strictObject({ connectorId, resourceType }),
  replies: { 200: { description: 'How it stands', body: syncStatusDocument } },
  async handle({ syncline, connector }, { params }) {
    const scope = { connectorId: connector.connectorId, resourceType: params.resourceType }
    const [config, status] = await Promise.all([syncline.configs.get(scope), syncline.status(scope)])
    if (!config) throw new SyncError('NOT_FOUND', 'The resource type has no settings')
    const { latestRun } = status
    return {
      status: 200,
      body: {
        ...scope,
        lastSyncStatus: status.status,
        ...describeEnded(await lastEnded(syncline, scope, latestRun)),
        runId: latestRun?.runId ?? null,
        runStatus: latestRun?.status ?? null,
        progress: latestRun ? publicRunState(latestRun).progress : null,
        watermark: status.watermark ?? null,
        nextRunAt: status.nextRunAt?.toISOString() ?? null,
        credential: status.credential ?? null,
        postSync: status.postSync ? toPostSyncStatus(status.postSync) : null,
      },
    }
  },
})

const mostLooked = 10

/** The last run that ended: the latest one may be under way. */
async function lastEnded(
  syncline: Pick<Syncline, 'runs'>,
  { connectorId: id, resourceType: type }: Scope,
  latest: Run | undefined,
): Promise<Run | undefined> {
  if (!latest || latest.finishedAt) return latest
  const runs = await syncline.runs.list({ connectorId: id, resourceType: type, limit: mostLooked })
  return runs.find(({ finishedAt }) => finishedAt !== undefined)
}

const describeEnded = (run: Run | undefined) => ({
  lastSyncAt: run?.finishedAt?.toISOString() ?? null,
  lastSyncError: run ? (publicRunState(run).error?.message ?? null) : null,
  lastSyncStats: run?.stats ?? null,
})
