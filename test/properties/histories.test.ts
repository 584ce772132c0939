import { memoryStore } from '@syncline/core/memory'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { history } from './history.ts'
import { plantedBugs } from './planted-bugs.ts'
import { liveThrough, type Simulation } from './simulation.ts'

const inMemory: Simulation = { openStore: async (clock) => memoryStore({ clock }) }

/** Fixed seeds keep a find; the fresh one looks further. Both print seed and path when they fail. */
const seeds = [20_260_101, 7, 42]

describe('any history of a directory, with deaths, failures, direct writes, races and sleepers', () => {
  test.each([...seeds, undefined])('keeps I1–I9 (seed %s)', async (seed) => {
    await fc.assert(
      fc.asyncProperty(history, (steps) => liveThrough(steps, inMemory)),
      { numRuns: 150, ...(seed === undefined ? {} : { seed }) },
    )
  })
})

describe('a planted bug turns it red', () => {
  test.each(Object.entries(plantedBugs))('%s', async (_, plant) => {
    const result = await fc.check(
      fc.asyncProperty(history, (steps) => liveThrough(steps, { ...inMemory, plant })),
      { numRuns: 3_000, seed: 1, endOnFailure: true },
    )
    expect(result.failed).toBe(true)
  })
})
