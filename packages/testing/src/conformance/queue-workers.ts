import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import { isSyncError } from '@syncline/core'
import { job } from './queue-adding.ts'
import { type DeclareQueueCase, gate, payloads, queueName, untilAborted } from './queue-stage.ts'

const stopped = (error: unknown): boolean => isSyncError(error, 'STOPPED')
const invalid = (error: unknown): boolean => isSyncError(error, 'OPTIONS_INVALID')

export function testQueueWorkers(test: DeclareQueueCase): void {
  test('a worker runs as many jobs at once as concurrency says', async (stage) => {
    const { opened, open } = gate()
    const watched = stage.work({ handle: () => opened, concurrency: 3 })
    for (const n of [1, 2, 3, 4, 5]) await stage.queue.add(job(n))
    await stage.until('three run', () => watched.started.length === 3)
    await stage.aWhile()
    equal(watched.started.length, 3)
    open()
    await stage.until('all ran', () => watched.started.length === 5)
  })

  test('each job is run by one worker of all processes', async (stage) => {
    const handle = async () => {
      await stage.timePasses(1)
      return undefined
    }
    const watched = [stage.queue, stage.other].map((by) => stage.work({ by, handle, concurrency: 3 }))
    const ran = (): number => watched.reduce((sum, { started }) => sum + started.length, 0)
    await Promise.all(Array.from({ length: 60 }, (_, n) => stage.queue.add(job(n))))
    await stage.until('all ran', () => ran() >= 60)
    await stage.aWhile()
    const numbers = watched.flatMap(payloads).map(Number)
    deepEqual(
      numbers.toSorted((left, right) => left - right),
      Array.from({ length: 60 }, (_, n) => n),
    )
  })

  test('a stopped worker lets jobs under way end and takes no more', async (stage) => {
    const { opened, open } = gate()
    const watched = stage.work({ handle: () => opened })
    await stage.queue.add(job(1))
    await stage.queue.add(job(2))
    await stage.until('one runs', () => watched.started.length === 1)
    const stopping = watched.worker.stop({ drainMs: 60_000 })
    await stage.aWhile()
    equal(watched.started[0]?.signal.aborted, false)
    open()
    deepEqual(await stopping, { unfinished: 0 })
    await stage.aWhile()
    deepEqual(payloads(watched), [1])
    equal((await stage.queue.counts(queueName)).waiting, 1)
  })

  test('when a stop has waited long enough, signals abort with STOPPED and jobs go back without a failure', async (stage) => {
    const watched = stage.work({ handle: untilAborted })
    const { jobId } = await stage.queue.add(job(1, { key: 'k', retryDelaysMs: [] }))
    await stage.until('it runs', () => watched.started.length === 1)
    const stopping = watched.worker.stop({ drainMs: 100 })
    await stage.until('it was told', () => watched.started[0]?.signal.aborted === true)
    ok(stopped(watched.started[0]?.signal.reason))
    deepEqual(await stage.meanwhile(stopping), { unfinished: 1 })
    equal((await stage.queue.add(job(2, { key: 'k' }))).added, false)
    const next = stage.work({ by: stage.other })
    await stage.until('another worker runs it', () => next.started.length === 1)
    deepEqual([next.started[0]?.jobId, next.started[0]?.failures], [jobId, 0])
  })

  test('a handler that does not obey does not hold up a stop, and its job runs elsewhere', async (stage) => {
    const { opened, open } = gate()
    const watched = stage.work({ handle: () => opened })
    await stage.queue.add(job(1, { retryDelaysMs: [] }))
    await stage.until('it runs', () => watched.started.length === 1)
    const since = stage.now()
    deepEqual(await stage.meanwhile(watched.worker.stop({ drainMs: 100 })), { unfinished: 1 })
    ok(stage.now() - since <= 2_200, `the stop took ${stage.now() - since} ms`)
    const next = stage.work({ by: stage.other })
    await stage.until('another worker runs it', () => next.started.length === 1)
    equal(next.started[0]?.failures, 0)
    open()
    await stage.until('it ended', async () => (await stage.queue.counts(queueName)).running === 0)
    equal((await stage.queue.counts(queueName)).dead, 0)
  })

  test('repeating a stop waits for the same one', async (stage) => {
    const watched = stage.work({ handle: untilAborted })
    await stage.queue.add(job(1))
    await stage.until('it runs', () => watched.started.length === 1)
    const stops = [watched.worker.stop({ drainMs: 50 }), watched.worker.stop({ drainMs: 60_000 })]
    deepEqual(await stage.meanwhile(Promise.all(stops)), [{ unfinished: 1 }, { unfinished: 1 }])
    deepEqual(await watched.worker.stop(), { unfinished: 1 })
  })

  test('close stops the workers of its process; after it everything is STOPPED', async (stage) => {
    const watched = stage.work({ by: stage.queue })
    await stage.queue.add(job(1))
    await stage.until('it ran', () => watched.started.length === 1)
    await stage.meanwhile(stage.queue.close())
    await stage.meanwhile(stage.queue.close())
    await rejects(async () => stage.queue.add(job(2)), stopped)
    await rejects(async () => stage.queue.schedules(), stopped)
    throws(() => stage.work({ by: stage.queue }), stopped)
  })

  test('OPTIONS_INVALID for work that is none', async (stage) => {
    for (const concurrency of [0, -1, 0.5, Number.NaN, 1_001])
      throws(() => stage.work({ concurrency }), invalid)
    throws(() => stage.work({ queueName: 'Not A Queue' }), invalid)
  })
}
