import type { ChangeKind } from './change.ts'
import type { MatchStatus } from './match.ts'
import type { PostSyncStats } from './post-sync-run.ts'
import type { Scope } from './scope.ts'

/** A changed resource, as a workflow gets it. */
export interface WorkflowRecord {
  readonly externalId: string
  /** What happened last. */
  readonly change: ChangeKind
  readonly userId?: string | undefined
  readonly matchStatus?: MatchStatus | undefined
}

/** Payload of a `sync-workflow-trigger` job. */
export interface WorkflowJobPayload extends Scope {
  readonly workflowId: string
  readonly triggerMode: 'per_record' | 'summary'
  /** For `per_record`: 1 to 500, distinct by external id. */
  readonly records?: readonly WorkflowRecord[] | undefined
  /** For `summary`. */
  readonly stats?: PostSyncStats | undefined
}

/** A job on its way to the host's workflow engine. */
export interface WorkflowJob {
  /** The same for every delivery of this job, and for no other job. */
  readonly idempotencyKey: string
  /** Tenant of the connector when the job was recorded. */
  readonly tenantId: string
  readonly payload: WorkflowJobPayload
}
