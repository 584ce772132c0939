import type { Clock } from '../ports/clock.ts'

/** Whether the work ended in time. Work that is late goes on unobserved; work that fails has ended. */
export async function withinDeadline(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const deadline = Promise.withResolvers<boolean>()
  const disarm = clock.after(ms, () => deadline.resolve(false))
  const ended = work.then(
    () => true,
    () => true,
  )
  try {
    return await Promise.race([ended, deadline.promise])
  } finally {
    disarm()
  }
}
