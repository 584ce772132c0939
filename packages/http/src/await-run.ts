import { isSyncError, type Run, type RunError, SyncError, type Syncline } from '@syncline/core'
import type { Preference } from './input/prefer.ts'
import { errorCodeOf } from './problems/error-code-of.ts'

interface Waiting {
  readonly preference: Preference
  /** Aborts when nobody waits any longer. */
  readonly signal: AbortSignal
}

/** The run when it has ended, or as it stands when nobody waits any longer. The run itself goes on either way. */
export async function awaitRun(
  { runs }: Pick<Syncline, 'runs'>,
  run: Run,
  { preference, signal }: Waiting,
): Promise<Run> {
  const { respondAsync, waitMs = respondAsync ? 0 : undefined } = preference
  if (waitMs === 0 || run.finishedAt) return run
  const { runId, connectorId } = run
  const until = waitMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(waitMs)])
  try {
    return await runs.wait(runId, { connectorId, signal: until })
  } catch (error) {
    if (!until.aborted || isSyncError(error, 'RUN_NOT_FOUND')) throw error
    return (await runs.get(runId, { connectorId })) ?? run
  }
}

/** What a run that ended without success is answered as: the code it ended with. */
export function problemOfRun({ runId, status, error }: Run): SyncError {
  const { code, message }: Pick<RunError, 'code' | 'message'> = error ?? {
    code: status === 'cancelled' ? 'RUN_CANCELLED' : 'INTERNAL',
    message: `Run ${runId} ended as ${status}`,
  }
  return new SyncError(errorCodeOf(code), message, { details: { runId } })
}
