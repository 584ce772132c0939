import { deepEqual, equal, ok } from 'node:assert/strict'
import { SyncError } from '@syncline/core'
import { factsOf, job } from './queue-adding.ts'
import { type DeclareQueueCase, gate, payloads, type QueueStage, queueName } from './queue-stage.ts'

const failing = () => Promise.reject(new Error('no'))

/** Waits until a queue has that many dead letters. */
const deadLetters = (stage: QueueStage, count: number): Promise<void> =>
  stage.until(`there are ${count} dead letters`, async () => {
    return (await stage.queue.counts(queueName)).dead === count
  })

export function testFailingJobs(test: DeclareQueueCase): void {
  test('a failed job runs again after its waits, and knows its last try', async (stage) => {
    const watched = stage.work({ handle: failing })
    await stage.queue.add(job(1, { retryDelaysMs: [200, 400] }))
    await stage.until('it ran three times', () => watched.started.length === 3)
    await deadLetters(stage, 1)
    await stage.aWhile()
    deepEqual(
      watched.started.map(({ failures, isLastTry }) => [failures, isLastTry]),
      [
        [0, false],
        [1, false],
        [2, true],
      ],
    )
    const [first = 0, second = 0, third = 0] = watched.started.map(({ at }) => at)
    ok(second - first >= 199, `second try after ${second - first} ms`)
    ok(third - second >= 399, `third try after ${third - second} ms`)
  })

  test('the failure after the last wait makes it a dead letter, kept with its origin and the reason', async (stage) => {
    stage.work({ handle: () => Promise.reject(new SyncError('UNAUTHORIZED', `no ${'x'.repeat(2_000)}`)) })
    const before = stage.now()
    const { jobId } = await stage.queue.add(job(1, { key: 'k', priority: 4, retryDelaysMs: [0, 0] }))
    await deadLetters(stage, 1)
    const [letter, ...more] = await stage.other.deadLetters(queueName)
    ok(letter)
    deepEqual(more, [])
    deepEqual(factsOf(letter), {
      jobId,
      queue: queueName,
      key: 'k',
      payload: { n: 1 },
      priority: 4,
      retryDelaysMs: [0, 0],
      scheduleId: undefined,
    })
    equal(letter.failures, 3)
    equal(letter.error.code, 'UNAUTHORIZED')
    equal(letter.error.message, `no ${'x'.repeat(997)}`)
    ok(letter.addedAt.getTime() >= before - 1)
    ok(letter.failedAt >= letter.addedAt && letter.failedAt.getTime() <= stage.now())
    equal(await stage.queue.get(queueName, jobId), undefined)
  })

  test('an error that is none of ours is INTERNAL', async (stage) => {
    stage.work({ handle: failing })
    await stage.queue.add(job(1, { retryDelaysMs: [] }))
    await deadLetters(stage, 1)
    deepEqual((await stage.queue.deadLetters(queueName))[0]?.error, { code: 'INTERNAL', message: 'no' })
  })

  test('a handler that throws at once has failed, too', async (stage) => {
    stage.work({
      handle: () => {
        throw new Error('at once')
      },
    })
    await stage.queue.add(job(1, { retryDelaysMs: [] }))
    await deadLetters(stage, 1)
    equal((await stage.queue.deadLetters(queueName))[0]?.error.message, 'at once')
  })

  test('dead letters come newest first, at most as many as asked for', async (stage) => {
    stage.work({ handle: failing })
    for (const n of [1, 2, 3]) {
      await stage.queue.add(job(n, { retryDelaysMs: [] }))
      await deadLetters(stage, n)
      // Letters of one millisecond have no order.
      await stage.timePasses(5)
    }
    const found = async (limit?: number) =>
      (await stage.queue.deadLetters(queueName, limit === undefined ? {} : { limit })).map(
        ({ payload }) => payload.n,
      )
    deepEqual(await found(), [3, 2, 1])
    deepEqual(await found(2), [3, 2])
  })

  test('NotNow runs a job again later, with its key kept and no failure counted', async (stage) => {
    const watched = stage.work({
      handle: async ({ failures }) =>
        watched.started.length <= 3 && failures === 0 ? { laterMs: 150 } : undefined,
    })
    const { jobId } = await stage.queue.add(job(1, { key: 'k', retryDelaysMs: [] }))
    await stage.until('it ran once', () => watched.started.length > 0)
    deepEqual(await stage.other.add(job(2, { key: 'k' })), { jobId, added: false })
    await stage.until('it ended', async () => (await stage.queue.get(queueName, jobId)) === undefined)
    deepEqual(
      watched.started.map(({ failures, isLastTry }) => [failures, isLastTry]),
      Array(4).fill([0, true]),
    )
    for (const [n, { at }] of watched.started.entries())
      ok(n === 0 || at - (watched.started[n - 1]?.at ?? at) >= 149)
    equal((await stage.queue.counts(queueName)).dead, 0)
  })

  test('a wait that is none is a failure', async (stage) => {
    stage.work({ handle: async () => ({ laterMs: -1 }) })
    await stage.queue.add(job(1, { retryDelaysMs: [] }))
    await deadLetters(stage, 1)
    equal((await stage.queue.deadLetters(queueName))[0]?.error.code, 'OPTIONS_INVALID')
  })

  test('redrive adds a dead job anew, without its failures, and forgets the letter', async (stage) => {
    const watched = stage.work({
      handle: () => (watched.started.length === 1 ? failing() : Promise.resolve(undefined)),
    })
    const dead = await stage.queue.add(job(1, { key: 'k', priority: 2, retryDelaysMs: [] }))
    await deadLetters(stage, 1)
    const redriven = await stage.other.redrive(queueName, dead.jobId)
    equal(redriven?.added, true)
    await stage.until('it runs', () => watched.started.length === 2)
    const [first, second] = watched.started
    ok(first && second)
    deepEqual({ ...factsOf(second), jobId: dead.jobId }, factsOf(first))
    deepEqual([second.failures, second.jobId], [0, redriven?.jobId])
    await deadLetters(stage, 0)
    equal(await stage.queue.redrive(queueName, dead.jobId), undefined)
  })

  test('redrive while the key is under way leaves it to that job', async (stage) => {
    const { opened, open } = gate()
    const watched = stage.work({ handle: () => (watched.started.length === 1 ? failing() : opened) })
    const dead = await stage.queue.add(job('dead', { key: 'k', retryDelaysMs: [] }))
    await deadLetters(stage, 1)
    const alive = await stage.queue.add(job('alive', { key: 'k' }))
    deepEqual(await stage.queue.redrive(queueName, dead.jobId), { jobId: alive.jobId, added: false })
    await deadLetters(stage, 0)
    open()
    await stage.until('it ended', async () => (await stage.queue.get(queueName, alive.jobId)) === undefined)
    deepEqual(payloads(watched), ['dead', 'alive'])
  })

  test('only dead letters can be redriven', async (stage) => {
    const { jobId } = await stage.queue.add(job(1))
    equal(await stage.queue.redrive(queueName, jobId), undefined)
    equal(await stage.queue.redrive(queueName, 'no-such-job'), undefined)
    equal((await stage.queue.counts(queueName)).waiting, 1)
  })
}
