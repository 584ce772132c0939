import type { Clock } from '../ports/clock.ts'

/** Tells calls that they have waited long enough, with one timer for all of them. */
export interface Deadlines {
  /**
   * Calls `late` once the time is over, for a call that comes amid others a quarter of it earlier at most. Not after
   * the returned function was called.
   */
  begin(late: () => void): () => void
}

interface Waiting {
  readonly until: number
  readonly late: () => void
}

/** Several, so that a process that was busy itself reads what has arrived before the last one. */
const steps = 4

export function createDeadlines(clock: Clock, withinMs: number): Deadlines {
  /** In the order of their ends. */
  const waiting = new Set<Waiting>()
  let stepsSoFar = 0
  let disarm: (() => void) | undefined
  const arm = (): (() => void) => clock.after(withinMs / steps, step)
  const step = (): void => {
    stepsSoFar += 1
    for (const one of waiting) {
      if (one.until > stepsSoFar) break
      waiting.delete(one)
      one.late()
    }
    disarm = waiting.size > 0 ? arm() : undefined
  }
  return {
    begin(late) {
      const one = { until: stepsSoFar + steps, late }
      waiting.add(one)
      disarm ??= arm()
      return () => {
        waiting.delete(one)
        if (waiting.size > 0) return
        disarm?.()
        disarm = undefined
      }
    },
  }
}
