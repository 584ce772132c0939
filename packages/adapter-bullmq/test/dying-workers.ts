import type { Queue } from '@syncline/core'
import { expect, test } from 'vitest'
import { newPrefix } from './redis-harness.ts'
import { startWorker } from './worker-process.ts'

const lockMs = 1_000
const soon = { timeout: 20_000, interval: 20 }

interface Server {
  readonly url: () => string
  readonly open: (options: { readonly prefix: string; readonly lockMs: number }) => Queue
}

/** What becomes of the jobs of a process that dies, blocks or is stopped. */
export function testDyingWorkers({ url, open }: Server): void {
  test('that is killed three times in the middle of a job hands it on each time, without a failure', async () => {
    const prefix = newPrefix()
    const queue = open({ prefix, lockMs })
    const { jobId } = await queue.add({
      queue: 'sync',
      key: 'k',
      payload: { n: 1, hold: true },
      retryDelaysMs: [],
    })
    for (let death = 0; death < 3; death++) {
      const worker = await startWorker(url(), prefix, lockMs)
      await expect.poll(() => worker.count('started'), soon).toBe(1)
      expect((await queue.get('sync', jobId))?.state).toBe('running')
      await worker.kill()
      expect(await queue.add({ queue: 'sync', key: 'k', payload: {} })).toEqual({ jobId, added: false })
    }
    const survivor = await startWorker(url(), prefix, lockMs)
    await expect.poll(() => survivor.count('started'), soon).toBe(1)
    expect(survivor.said.find(({ what }) => what === 'started')?.failures).toBe(0)
    survivor.release()
    await expect.poll(() => queue.get('sync', jobId), soon).toBeUndefined()
    expect(await queue.counts('sync')).toEqual({ waiting: 0, delayed: 0, running: 0, dead: 0 })
    await survivor.stop()
    await queue.close()
  })

  test('whose event loop is blocked for three times the lock loses its job to another one, and is told', async () => {
    const prefix = newPrefix()
    const queue = open({ prefix, lockMs })
    const blocked = await startWorker(url(), prefix, lockMs)
    await queue.add({ queue: 'sync', payload: { n: 1, blockMs: 3 * lockMs } })
    await expect.poll(() => blocked.count('started'), soon).toBe(1)
    const startedElsewhere: number[] = []
    queue.work({
      queue: 'sync',
      handle: async () => {
        startedElsewhere.push(Date.now())
        return undefined
      },
    })
    await expect.poll(() => blocked.count('unblocked'), soon).toBe(1)
    await expect.poll(() => startedElsewhere.length, soon).toBe(1)
    // The fault happened: the other one began while the first was still blocked.
    expect(startedElsewhere[0]).toBeLessThan(blocked.instants('unblocked')[0] ?? 0)
    await expect
      .poll(() => blocked.said.find(({ what }) => what === 'aborted')?.code, soon)
      .toBe('LEASE_LOST')
    expect([blocked.count('started'), blocked.count('uncaught')]).toEqual([1, 0])
    await blocked.kill()
    await queue.close()
  })

  test('that is stopped as a host stops it ends by itself', async () => {
    const worker = await startWorker(url(), newPrefix(), lockMs)
    await worker.stop()
    expect(worker.count('closed')).toBe(1)
    expect(worker.count('uncaught')).toBe(0)
  })
}
