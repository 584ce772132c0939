import type { Clock } from '@syncline/core'

/** A wait that something else may end early. */
export interface Pausing {
  /** What happened before counts no more. */
  reset(): void
  /** Waits, unless something has happened since the reset. */
  pause(ms: number): Promise<void>
  /** Something has happened. */
  poke(): void
}

export function createPausing({ after }: Pick<Clock, 'after'>): Pausing {
  let poked = false
  let wake: (() => void) | undefined
  return {
    reset() {
      poked = false
    },
    pause(ms) {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (poked) resolve()
      else {
        const disarm = after(ms, resolve)
        wake = () => {
          disarm()
          resolve()
        }
      }
      return promise
    },
    poke() {
      poked = true
      wake?.()
    },
  }
}
