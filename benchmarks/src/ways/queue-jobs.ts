import { bullmqQueue } from '@syncline/adapter-bullmq'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import pLimit from 'p-limit'
import { z } from 'zod'
import type { OpenWork } from '../processes/work.ts'

const inputSchema = z.object({
  url: z.string(),
  records: z.number(),
  warmUpRecords: z.number(),
  way: z.enum(['ours', 'bullmq']),
})

const name = 'jobs'
const concurrency = 10
const addedAtOnce = 50

interface Line {
  add(number: number): Promise<unknown>
  /** @param done is called once for each job that ran */
  work(done: () => void): Promise<() => Promise<unknown>>
  close(): Promise<unknown>
}

function ourLine(url: string): Line {
  const queue = bullmqQueue({ connect: (options) => new Redis(url, options), prefix: 'ours' })
  return {
    add: (number) => queue.add({ queue: name, key: `scope-${number}`, payload: { number } }),
    async work(done) {
      const worker = queue.work({
        queue: name,
        concurrency,
        handle: async () => {
          done()
          return undefined
        },
      })
      return () => worker.stop()
    },
    close: () => queue.close(),
  }
}

/** As its documentation shows it; finished jobs are removed, as the library does. */
function plainLine(url: string): Line {
  const connection = new Redis(url, { maxRetriesPerRequest: null })
  const queue = new Queue(name, { connection, prefix: 'plain' })
  return {
    add: (number) => queue.add(name, { number }, { removeOnComplete: true }),
    async work(done) {
      const worker = new Worker(name, async () => done(), { connection, prefix: 'plain', concurrency })
      await worker.waitUntilReady()
      return () => worker.close()
    },
    async close() {
      await queue.close()
      connection.disconnect()
    },
  }
}

const lines = { ours: ourLine, bullmq: plainLine }

/** Adds jobs while a worker of the same process runs them, until the last one is done. */
export const open: OpenWork = async (input) => {
  const { url, records, warmUpRecords, way } = inputSchema.parse(input)
  const line = lines[way](url)
  let ran = 0
  const addAndRun = async (count: number): Promise<void> => {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    ran = 0
    const stop = await line.work(() => {
      ran += 1
      if (ran === count) resolve()
    })
    const slots = pLimit(addedAtOnce)
    await Promise.all(Array.from({ length: count }, (_, number) => slots(() => line.add(number))))
    await over
    await stop()
  }
  return {
    warmUp: () => addAndRun(Math.min(warmUpRecords, 1_000)),
    run: () => addAndRun(records),
    facts: async () => ({ ran }),
    async close() {
      await line.close()
    },
  }
}
