import type { StageTimings } from '../model/run.ts'
import type { Clock } from '../ports/clock.ts'

type Stage = keyof StageTimings

/** Adds up how long each stage of a run took, on top of what earlier attempts of the listing took. */
export interface StageClock {
  time<Answer>(stage: Stage, work: () => Promise<Answer>): Promise<Answer>
  timeSync<Answer>(stage: Stage, work: () => Answer): Answer
  readonly timings: StageTimings
}

export function createStageClock(clock: Clock, earlier: StageTimings): StageClock {
  const spent = { ...earlier }
  const start = (stage: Stage): (() => void) => {
    const began = clock.now().getTime()
    return () => {
      spent[stage] += clock.now().getTime() - began
    }
  }
  return {
    async time(stage, work) {
      const stop = start(stage)
      try {
        return await work()
      } finally {
        stop()
      }
    },
    timeSync(stage, work) {
      const stop = start(stage)
      try {
        return work()
      } finally {
        stop()
      }
    },
    get timings() {
      return { ...spent }
    },
  }
}
