import { deepEqual, equal, ok } from 'node:assert/strict'
import { factsOf, job } from './queue-adding.ts'
import { type DeclareQueueCase, gate, payloads, queueName } from './queue-stage.ts'

export function testWatchingJobs(test: DeclareQueueCase): void {
  test('get tells whether a job waits, is delayed or runs, and counts add up', async (stage) => {
    const { opened, open } = gate()
    const running = await stage.queue.add(job(1))
    const watched = stage.work({ handle: () => opened })
    await stage.until('one runs', () => watched.started.length === 1)
    const waiting = await stage.queue.add(job(2, { key: 'k', priority: 3 }))
    const delayed = await stage.queue.add(job(3, { delayMs: 60_000 }))
    for (const queue of [stage.queue, stage.other]) {
      equal((await queue.get(queueName, running.jobId))?.state, 'running')
      equal((await queue.get(queueName, waiting.jobId))?.state, 'waiting')
      equal((await queue.get(queueName, delayed.jobId))?.state, 'delayed')
      deepEqual(await queue.counts(queueName), { waiting: 1, delayed: 1, running: 1, dead: 0 })
    }
    const status = await stage.queue.get(queueName, waiting.jobId)
    ok(status)
    deepEqual(factsOf(status), {
      jobId: waiting.jobId,
      queue: queueName,
      key: 'k',
      payload: { n: 2 },
      priority: 3,
      retryDelaysMs: [300_000, 3_600_000],
      scheduleId: undefined,
    })
    open()
  })

  test('there is no job that was never added, nor one of another queue', async (stage) => {
    const { jobId } = await stage.queue.add(job(1))
    equal(await stage.queue.get(queueName, 'no-such-job'), undefined)
    equal(await stage.queue.get('other', jobId), undefined)
    equal(await stage.queue.cancel('other', jobId), false)
  })

  test('progress is kept as reported last', async (stage) => {
    const { opened, open } = gate()
    const { jobId } = await stage.queue.add(job(1))
    equal((await stage.queue.get(queueName, jobId))?.progress, undefined)
    stage.work({
      async handle(running) {
        await running.report({ current: 1 })
        await running.report({ current: 20, total: 30, message: 'page 2' })
        return opened
      },
    })
    const progress = async () => (await stage.other.get(queueName, jobId))?.progress
    await stage.until('it reported', async () => (await progress())?.current === 20)
    deepEqual(await progress(), { current: 20, total: 30, message: 'page 2' })
    open()
  })

  test('progress of a job that is gone is no failure', async (stage) => {
    const watched = stage.work()
    await stage.queue.add(job(1))
    await stage.until('it ended', async () => {
      const { waiting, running } = await stage.queue.counts(queueName)
      return waiting + running === 0
    })
    await watched.started[0]?.report({ current: 1 })
  })

  test('a job that waits can be cancelled: it never runs, and its key is free', async (stage) => {
    const { jobId } = await stage.queue.add(job('cancelled', { key: 'k' }))
    equal(await stage.other.cancel(queueName, jobId), true)
    equal(await stage.queue.cancel(queueName, jobId), false)
    equal((await stage.queue.add(job('next', { key: 'k' }))).added, true)
    const watched = stage.work()
    await stage.until('the next one runs', () => watched.started.length === 1)
    await stage.aWhile()
    deepEqual(payloads(watched), ['next'])
  })

  test('a job that waits for a delay or a retry can be cancelled', async (stage) => {
    const watched = stage.work({ handle: () => Promise.reject(new Error('no')) })
    const delayed = await stage.queue.add(job(1, { key: 'delayed', delayMs: 60_000 }))
    const failing = await stage.queue.add(job(2, { key: 'failing', retryDelaysMs: [60_000] }))
    const failed = async () => (await stage.queue.get(queueName, failing.jobId))?.failures === 1
    await stage.until('it failed', failed)
    equal((await stage.queue.get(queueName, failing.jobId))?.state, 'delayed')
    for (const { jobId } of [delayed, failing]) equal(await stage.queue.cancel(queueName, jobId), true)
    for (const key of ['delayed', 'failing'])
      equal((await stage.queue.add(job(3, { key, delayMs: 60_000 }))).added, true)
    deepEqual(payloads(watched), [2])
  })

  test('a job that runs cannot be cancelled', async (stage) => {
    const { opened, open } = gate()
    const watched = stage.work({ handle: () => opened })
    const { jobId } = await stage.queue.add(job(1, { key: 'k' }))
    await stage.until('it runs', () => watched.started.length === 1)
    equal(await stage.queue.cancel(queueName, jobId), false)
    equal((await stage.queue.add(job(2, { key: 'k' }))).added, false)
    open()
    await stage.until('it ended', async () => (await stage.queue.get(queueName, jobId)) === undefined)
    equal(watched.started[0]?.signal.aborted, false)
  })
}
