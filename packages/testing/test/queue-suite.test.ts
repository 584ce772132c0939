import type { Queue } from '@syncline/core'
import { memoryQueue } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { testQueue } from '../src/conformance/queue.ts'
import { fakeClock } from '../src/fake-clock.ts'
import { plantedQueueBugs } from './planted-queue-bugs.ts'

/** The cases of the suite over a memory queue that was changed, not run yet. */
function casesOver(change: (queue: Queue) => Queue) {
  const cases: { readonly name: string; readonly run: () => Promise<void> }[] = []
  testQueue({
    describe: (_, declare) => declare(),
    test: (name, run) => cases.push({ name, run }),
    async createQueue() {
      const clock = fakeClock()
      const whole = memoryQueue({ clock })
      const queue = change(whole)
      return {
        queue,
        other: queue,
        now: () => clock.now().getTime(),
        timePasses: (ms) => clock.advance(ms),
        async close() {
          const closed = whole.close()
          await clock.advance(5_000)
          await closed
        },
      }
    },
  })
  return cases
}

describe('testQueue', () => {
  test('names each case once', () => {
    const names = casesOver((queue) => queue).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test.each(Object.entries(plantedQueueBugs))('goes red when %s', async (_, { caughtBy, plant }) => {
    const [found, ...more] = casesOver(plant).filter(({ name }) => name.includes(caughtBy))
    expect(more).toEqual([])
    await expect(found?.run()).rejects.toMatchObject({ name: 'AssertionError' })
  })
})
