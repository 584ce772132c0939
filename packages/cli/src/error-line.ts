import { isSyncError } from '@syncline/core'
import { printable } from './printable.ts'

/** The one line a user sees of an error. */
export const errorLine = (error: unknown): string =>
  printable(
    isSyncError(error)
      ? `${error.code}: ${error.message}`
      : error instanceof Error
        ? error.message
        : String(error),
  )

/** The error with its stack and those of its causes, for `--debug`. */
export function errorStack(error: unknown): string {
  if (!(error instanceof Error)) return errorLine(error)
  const own = (error.stack ?? errorLine(error)).split('\n').map(printable).join('\n')
  return error.cause === undefined ? own : `${own}\ncaused by ${errorStack(error.cause)}`
}
