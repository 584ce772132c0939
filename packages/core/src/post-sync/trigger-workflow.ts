import { isSyncError } from '../errors.ts'
import type { Change } from '../model/change.ts'
import type { MatchSubject } from '../model/match.ts'
import type { PostSyncRun, PostSyncStats } from '../model/post-sync-run.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { WorkflowJob, WorkflowRecord } from '../model/workflow-job.ts'
import type { ChangeLog } from '../ports/change-log.ts'
import type { PostSyncLease } from '../ports/people-store.ts'
import type { PostSyncAnnouncer } from './announce-post-sync.ts'
import type { PeopleContext } from './people-context.ts'
import type { Tally } from './work.ts'

/** The most records of one job. */
const recordsPerJob = 500

export interface WorkflowStep {
  readonly run: PostSyncRun
  readonly lease: PostSyncLease
  readonly settings: PostSyncSettings
  readonly tally: Tally
  readonly triggeredTo: number
  readonly checkpoint: () => void
  readonly announcer: Pick<PostSyncAnnouncer, 'changesLost'>
}

/**
 * Step 5, `per_record`: one job for at most 500 changes since the last post-sync, recorded together with how far the
 * jobs reach; so a change is in exactly one job, also when the process dies between. Changes that nobody wanted jobs
 * for are passed over. Changes that were pruned are counted, announced and passed over.
 */
export async function triggerPerRecord(context: PeopleContext, step: WorkflowStep): Promise<void> {
  const { run, lease, settings, tally, checkpoint, announcer } = step
  const { people, tenantId } = context
  const scope = { connectorId: run.connectorId, resourceType: run.resourceType }
  const workflowId = settings.syncTriggerMode === 'per_record' ? settings.postSyncWorkflowId : undefined
  let { triggeredTo } = step
  while (triggeredTo < run.toPosition) {
    checkpoint()
    const limit = Math.min(recordsPerJob, run.toPosition - triggeredTo)
    const kept = triggeredTo
    const { changes, prunedTo } =
      workflowId === undefined
        ? { changes: [], prunedTo: kept }
        : await readChanges(context, { scope, after: kept, limit }, run.toPosition)
    const job =
      workflowId !== undefined && changes.length > 0
        ? await perRecordJob(context, { run, workflowId, changes })
        : undefined
    triggeredTo = changes.at(-1)?.position ?? (prunedTo > kept ? prunedTo : run.toPosition)
    await people.commit({
      scope,
      tenantId,
      lease,
      matches: [],
      actions: [],
      settled: [],
      jobs: job ? [job] : [],
      triggeredTo,
    })
    if (job) tally.stats.jobs += 1
    if (prunedTo > kept) {
      tally.stats.changesLost += prunedTo - kept
      announcer.changesLost({ from: kept + 1, to: prunedTo })
    }
  }
}

/** The next changes, or how far they were pruned, at most up to the last position of the post-sync. */
async function readChanges(
  { store }: PeopleContext,
  request: Parameters<ChangeLog['read']>[0],
  toPosition: number,
): Promise<{ readonly changes: readonly Change[]; readonly prunedTo: number }> {
  try {
    return { changes: await store.changes.read(request), prunedTo: request.after }
  } catch (error) {
    if (!isSyncError(error, 'CHANGES_EXPIRED')) throw error
    const oldest = Number(error.details?.oldest)
    // A store that does not tell where the log begins now must not be asked for ever.
    if (!(oldest > request.after + 1)) throw error
    return { changes: [], prunedTo: Math.min(oldest - 1, toPosition) }
  }
}

async function perRecordJob(
  { people, tenantId }: PeopleContext,
  request: { readonly run: PostSyncRun; readonly workflowId: string; readonly changes: readonly Change[] },
): Promise<WorkflowJob> {
  const { run, workflowId, changes } = request
  const { runId, connectorId, resourceType } = run
  const last = new Map(changes.map((change) => [change.externalId, change]))
  const subjects = await people.subjectsOf({ connectorId, resourceType }, [...last.keys()])
  const subjectById = new Map(subjects.map((subject) => [subject.externalId, subject]))
  return {
    idempotencyKey: `${runId}:${changes[0]?.position ?? 0}`,
    tenantId,
    payload: {
      connectorId,
      resourceType,
      workflowId,
      triggerMode: 'per_record',
      records: [...last.values()].map((change) => recordOf(change, subjectById.get(change.externalId))),
    },
  }
}

const recordOf = ({ externalId, kind }: Change, subject: MatchSubject | undefined): WorkflowRecord => ({
  externalId,
  change: kind,
  ...(subject?.match && { matchStatus: subject.match.matchStatus }),
  ...(subject?.match?.userId !== undefined && { userId: subject.match.userId }),
})

export interface SummaryRequest {
  readonly run: PostSyncRun
  readonly settings: PostSyncSettings
  readonly stats: PostSyncStats
}

/** Step 5, `summary`: the one job of a post-sync; recorded with its end. */
export function summaryJobs(
  { tenantId }: PeopleContext,
  { run, settings, stats }: SummaryRequest,
): WorkflowJob[] {
  const { syncTriggerMode, postSyncWorkflowId: workflowId } = settings
  if (syncTriggerMode !== 'summary' || workflowId === undefined) return []
  const { connectorId, resourceType } = run
  return [
    {
      idempotencyKey: `${run.runId}:summary`,
      tenantId,
      payload: { connectorId, resourceType, workflowId, triggerMode: 'summary', stats },
    },
  ]
}
