import { isSyncError } from '../errors.ts'
import type { Run, RunStatus } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { CredentialStore } from '../ports/credential-store.ts'
import type { Store } from '../ports/store.ts'
import { runProgress } from './run-progress.ts'
import type { PostSyncSummary, SyncStatus } from './syncline.ts'

const shown: Record<RunStatus, SyncStatus['status']> = {
  queued: 'running',
  running: 'running',
  success: 'success',
  partial: 'success',
  guarded: 'error',
  error: 'error',
  cancelled: 'error',
  timeout: 'error',
}

/** The running one and those before it. */
const runsLookedAt = 2

interface StatusContext {
  readonly store: Store
  readonly credentials: CredentialStore | undefined
}

export async function readStatus(context: StatusContext, scope: Scope): Promise<SyncStatus> {
  const { store } = context
  const { connectorId, resourceType } = scope
  const [connector, config, runs, credential, postSync] = await Promise.all([
    store.connectors.get(connectorId),
    store.configs.get({ connectorId, resourceType }),
    store.runs.list({ connectorId, resourceType, limit: 1 }),
    readCredentialState(context, connectorId),
    readPostSync(store, { connectorId, resourceType }),
  ])
  const [latestRun] = runs
  const status = latestRun ? await statusOf(store, latestRun) : 'idle'
  const broken = credential !== undefined && credential !== 'active'
  return {
    status: broken && status !== 'running' ? 'error' : status,
    latestRun,
    credential,
    watermark: config?.watermark,
    progress: latestRun && runProgress(latestRun),
    nextRunAt: connector?.status === 'active' ? config?.nextRunAt : undefined,
    postSync,
  }
}

async function readPostSync({ people }: Store, scope: Scope): Promise<PostSyncSummary | undefined> {
  const runs = (await people?.runs({ ...scope, limit: runsLookedAt })) ?? []
  const [latest] = runs
  if (!latest) return undefined
  // A run in progress has decided nothing yet.
  const { stats, status: settled } = runs.find(({ status }) => status !== 'running') ?? latest
  const { runId, status, startedAt, finishedAt, retryAt, guard, error } = latest
  const { linksLost } = stats
  return {
    runId,
    status,
    startedAt,
    ...(finishedAt && { finishedAt }),
    ...(retryAt && { retryAt }),
    ...(guard && { guard }),
    ...(error && { error }),
    linksLost,
    awaitsOperator: [
      ...(settled === 'guarded' ? (['approve_deactivations'] as const) : []),
      ...(linksLost > 0 ? (['resolve_links'] as const) : []),
    ],
  }
}

async function readCredentialState(
  { store, credentials }: StatusContext,
  connectorId: string,
): Promise<SyncStatus['credential']> {
  if (!credentials) return undefined
  const connector = await store.connectors.get(connectorId)
  if (connector?.credentialRef === undefined) return undefined
  const { tenantId, credentialRef: ref } = connector
  try {
    const [found] = await credentials.list({ tenantId, ref })
    return found?.state ?? 'missing'
  } catch (error) {
    if (isSyncError(error, 'CREDENTIAL_UNREADABLE')) return 'unreadable'
    throw error
  }
}

const deadRuns = 1_000

/** A run whose process died says running until another one takes over; a person should see that it is not. */
async function statusOf(store: Store, run: Run): Promise<SyncStatus['status']> {
  if (run.status !== 'running') return shown[run.status]
  const dead = await store.runs.abandoned(deadRuns)
  return dead.some(({ runId }) => runId === run.runId) ? 'error' : 'running'
}
