import type { Clock } from '../ports/clock.ts'

/** Milliseconds that never go back: when the clock is set back, time stands still for that instant and then goes on. */
export function monotonicClock(clock: Clock): { now(): number; after: Clock['after'] } {
  let last = clock.now().getTime()
  let ahead = 0
  return {
    now() {
      const wall = clock.now().getTime() + ahead
      if (wall < last) ahead += last - wall
      last = Math.max(last, wall)
      return last
    },
    after: (ms, callback) => clock.after(ms, callback),
  }
}
