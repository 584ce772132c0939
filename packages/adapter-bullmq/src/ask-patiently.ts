import type { Clock } from '@syncline/core'

/** What a worker waits by. */
export interface Patience {
  readonly clock: Clock
  /** Aborts when the worker is closed. */
  readonly closed: AbortSignal
}

const restMs = 1_000

/**
 * Asks for a job, and does not say at once that the server refused: BullMQ asks again right away, thousands of times
 * a second, while a server is out of memory, read-only or starting.
 */
export async function askPatiently<Answer>(
  ask: () => Promise<Answer>,
  { clock, closed }: Patience,
): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    await clock.sleep(restMs, closed).catch(() => undefined)
    throw error
  }
}
