import { type Clock, isSyncError, SyncError } from '@syncline/core'

/**
 * Waits for a server's answer no longer than that; the question may still be answered, or carried out, later.
 * @throws QUEUE_UNAVAILABLE for whatever the server or the way to it refuses
 */
export async function inTime<Answer>(
  clock: Clock,
  withinMs: number,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const late = Promise.withResolvers<never>()
  const disarm = clock.after(withinMs, () =>
    late.reject(
      new SyncError('QUEUE_UNAVAILABLE', `The queue's server did not answer within ${withinMs} ms`),
    ),
  )
  try {
    return await Promise.race([ask(), late.promise])
  } catch (error) {
    if (isSyncError(error)) throw error
    throw new SyncError('QUEUE_UNAVAILABLE', `The queue's server failed: ${messageOf(error)}`, {
      cause: error,
    })
  } finally {
    disarm()
  }
}

/** Waits for something that is not needed, no longer than that. */
export async function atMost(clock: Clock, withinMs: number, something: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const disarm = clock.after(withinMs, resolve)
  something.then(
    () => resolve(),
    () => resolve(),
  )
  await promise
  disarm()
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
