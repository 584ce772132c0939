import { isSyncError } from '../errors.ts'
import type { DeadLetter } from '../ports/queue.ts'

const maxMessageLength = 1_000

/** How many dead letters a queue keeps; the oldest go. */
export const maxDeadLetters = 1_000

/** What is kept of the error a job failed with. */
export function describeFailure(error: unknown): DeadLetter['error'] {
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: isSyncError(error) ? error.code : 'INTERNAL',
    message: message.slice(0, maxMessageLength),
  }
}
