import { type Run, type RunError, runProgress } from '@syncline/core'
import { errorCodeOf } from './error-code-of.ts'
import { problemKinds } from './problem-kinds.ts'

/** An error as a caller may read it. */
export interface PublicError {
  readonly code: string
  readonly message: string
}

/**
 * Replaces the message of an error that concerns the installation, not the caller: it may quote statements, values and
 * addresses. The log has the original. A code that this release does not know is treated as internal.
 */
export function publicError({ code, message }: Pick<RunError, 'code' | 'message'>): PublicError {
  const { status, detail } = problemKinds[errorCodeOf(code)]
  return { code, message: status >= 500 && detail !== undefined ? detail : message }
}

/** The parts of a run that may quote its error. */
export interface PublicRunState {
  readonly error: PublicError | null
  readonly progress: { readonly current: number; readonly total: number | null; readonly message: string }
}

/** Returns the error and the progress of a run as a caller may read them. */
export function publicRunState(run: Run): PublicRunState {
  const error = run.error && publicError(run.error)
  const { current, total, message } = runProgress({ ...run, error })
  return { error: error ?? null, progress: { current, total: total ?? null, message } }
}
