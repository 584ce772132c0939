import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { isSyncError, type JobFacts, type JsonValue, type NewJob } from '@syncline/core'
import { type DeclareQueueCase, gate, payloads, queueName, untilAborted } from './queue-stage.ts'

export const job = (n: JsonValue, more: Partial<NewJob> = {}): NewJob => ({
  queue: queueName,
  payload: { n },
  ...more,
})

/** What stays the same while a job is waited for, run and tried again, but for when it was added. */
export const factsOf = (facts: JobFacts): Omit<JobFacts, 'addedAt'> => {
  const { jobId, queue, key, payload, priority, retryDelaysMs, scheduleId } = facts
  return { jobId, queue, key, payload, priority, retryDelaysMs, scheduleId }
}

export function testAddingJobs(test: DeclareQueueCase): void {
  test('a job runs once, with what it was added with', async (stage) => {
    const before = stage.now()
    const payload = { runId: 'r1', deep: { list: [1, null, 'ü'] } }
    const added = await stage.queue.add({ queue: queueName, key: 'k', payload, priority: 7 })
    equal(added.added, true)
    const watched = stage.work()
    await stage.until('it runs', () => watched.started.length > 0)
    await stage.aWhile()
    equal(watched.started.length, 1)
    const [handed] = watched.started
    ok(handed)
    ok(handed.addedAt.getTime() >= before - 1 && handed.addedAt.getTime() <= stage.now())
    equal(handed.signal.aborted, false)
    deepEqual([handed.failures, handed.isLastTry], [0, false])
    deepEqual(factsOf(handed), {
      jobId: added.jobId,
      queue: queueName,
      key: 'k',
      payload,
      priority: 7,
      retryDelaysMs: [300_000, 3_600_000],
      scheduleId: undefined,
    })
  })

  test('ended jobs are forgotten', async (stage) => {
    const { jobId } = await stage.queue.add(job(1))
    const watched = stage.work()
    await stage.until('it is gone', async () => (await stage.queue.get(queueName, jobId)) === undefined)
    equal(watched.started.length, 1)
    deepEqual(await stage.queue.counts(queueName), { waiting: 0, delayed: 0, running: 0, dead: 0 })
  })

  test('while a job with its key waits, adding another changes nothing', async (stage) => {
    const first = await stage.queue.add(job(1, { key: 'k' }))
    const again = await stage.other.add(job(2, { key: 'k' }))
    deepEqual(again, { jobId: first.jobId, added: false })
    const watched = stage.work()
    await stage.until('it runs', () => watched.started.length > 0)
    await stage.aWhile()
    deepEqual(payloads(watched), [1])
  })

  test('while a job with its key runs, adding another changes nothing', async (stage) => {
    const { opened, open } = gate()
    const watched = stage.work({ handle: () => opened, concurrency: 2 })
    const first = await stage.queue.add(job(1, { key: 'k' }))
    await stage.until('it runs', () => watched.started.length > 0)
    deepEqual(await stage.other.add(job(2, { key: 'k' })), { jobId: first.jobId, added: false })
    await stage.aWhile()
    open()
    await stage.aWhile()
    deepEqual(payloads(watched), [1])
  })

  test('while a job with its key waits for a delay or a retry, adding another changes nothing', async (stage) => {
    const delayed = await stage.queue.add(job(1, { key: 'delayed', delayMs: 60_000 }))
    deepEqual(await stage.other.add(job(2, { key: 'delayed' })), { jobId: delayed.jobId, added: false })
    const watched = stage.work({ handle: () => Promise.reject(new Error('no')) })
    const failing = await stage.queue.add(job(3, { key: 'failing', retryDelaysMs: [60_000] }))
    const retried = async () => (await stage.queue.get(queueName, failing.jobId))?.failures === 1
    await stage.until('it failed', retried)
    deepEqual(await stage.other.add(job(4, { key: 'failing' })), { jobId: failing.jobId, added: false })
    await stage.aWhile()
    deepEqual(payloads(watched), [3])
  })

  test('a key is free again when its job ended, well or not', async (stage) => {
    const watched = stage.work({
      handle: async ({ payload }) => {
        if (payload.n === 'bad') throw new Error('no')
        return undefined
      },
    })
    for (const n of ['good', 'bad', 'good', 'bad', 'good']) {
      const before = watched.started.length
      const added = await stage.queue.add(job(n, { key: 'k', retryDelaysMs: [] }))
      equal(added.added, true)
      await stage.until('it runs', () => watched.started.length > before)
      await stage.until('it ended', async () => (await stage.queue.get(queueName, added.jobId)) === undefined)
    }
    deepEqual(payloads(watched), ['good', 'bad', 'good', 'bad', 'good'])
  })

  test('without a key, or with that of another queue, it is always a new job', async (stage) => {
    const added = [
      await stage.queue.add(job(1)),
      await stage.queue.add(job(1)),
      await stage.queue.add(job(1, { key: 'k' })),
      await stage.queue.add(job(1, { key: 'k', queue: 'other' })),
    ]
    deepEqual(
      added.map((one) => one.added),
      [true, true, true, true],
    )
    equal((await stage.queue.counts(queueName)).waiting, 3)
    equal((await stage.queue.counts('other')).waiting, 1)
  })

  test('of many that add with one key at once, one adds', async (stage) => {
    const adding = Array.from({ length: 20 }, (_, n) =>
      (n % 2 ? stage.queue : stage.other).add(job(n, { key: 'k' })),
    )
    const added = await Promise.all(adding)
    equal(added.filter((one) => one.added).length, 1)
    equal(new Set(added.map(({ jobId }) => jobId)).size, 1)
  })

  test('a key is any text', async (stage) => {
    const keys = [
      '0',
      '17',
      'a:b',
      'a:b:c',
      ' ',
      '%3A',
      'a/b',
      '{a}',
      'é',
      'e\u0301',
      '🙂',
      '__proto__',
      'x'.repeat(200),
    ]
    for (const key of keys) equal((await stage.queue.add(job(key, { key }))).added, true, key)
    for (const key of keys) equal((await stage.queue.add(job(key, { key }))).added, false, key)
    const watched = stage.work()
    await stage.until('all ran', () => watched.started.length === keys.length)
    deepEqual(
      watched.started.map(({ key }) => key),
      keys,
    )
  })

  test('lower priorities run first, equal ones in the order they became ready', async (stage) => {
    const priorities = [5, 1_000_000, 0, 5, 0, 999_999, 1]
    for (const [n, priority] of priorities.entries()) await stage.queue.add(job(n, { priority }))
    const watched = stage.work()
    await stage.until('all ran', () => watched.started.length === priorities.length)
    deepEqual(payloads(watched), [2, 4, 6, 0, 3, 5, 1])
  })

  test('a job waits for its delay, and others do not wait for it', async (stage) => {
    const watched = stage.work()
    const addedAt = stage.now()
    await stage.queue.add(job('late', { delayMs: 1_000 }))
    await stage.queue.add(job('now'))
    await stage.until('both ran', () => watched.started.length === 2)
    deepEqual(payloads(watched), ['now', 'late'])
    ok((watched.started[1]?.at ?? 0) >= addedAt + 999)
  })

  test('a worker takes the jobs of its queue only', async (stage) => {
    const watched = stage.work()
    await stage.queue.add(job('theirs', { queue: 'other' }))
    await stage.queue.add(job('ours'))
    await stage.until('one ran', () => watched.started.length === 1)
    await stage.aWhile()
    deepEqual(payloads(watched), ['ours'])
  })

  test('a payload is a copy: changing it afterwards changes nothing', async (stage) => {
    const payload = { n: 'as added' }
    await stage.queue.add({ queue: queueName, payload, retryDelaysMs: [0] })
    payload.n = 'changed by whoever added it'
    const watched = stage.work({
      handle: async (running) => {
        equal(running.payload.n, 'as added')
        running.payload.n = 'changed by a worker'
        throw new Error('again')
      },
    })
    await stage.until('it ran twice', () => watched.started.length === 2)
    await stage.until('it is dead', async () => (await stage.queue.counts(queueName)).dead === 1)
    equal((await stage.queue.deadLetters(queueName))[0]?.error.message, 'again')
  })

  const refused: Record<string, Partial<NewJob>> = {
    'a queue name with a colon': { queue: 'a:b' },
    'an empty key': { key: '' },
    'a key with a line break': { key: 'a\nb' },
    'a key with half a character': { key: '\ud800' },
    'a key of 201 characters': { key: 'x'.repeat(201) },
    'a priority below 0': { priority: -1 },
    'a priority above 1,000,000': { priority: 1_000_001 },
    'half a priority': { priority: 0.5 },
    'a delay below 0': { delayMs: -1 },
    'an endless delay': { delayMs: Number.POSITIVE_INFINITY },
    'a delay of more than 10 years': { delayMs: 3_661 * 86_400_000 },
    'too many retries': { retryDelaysMs: Array.from({ length: 21 }, () => 0) },
    'a payload that JSON cannot carry': { payload: { n: Number.NaN } },
    'a payload above 4,096 bytes': { payload: { n: 'x'.repeat(4_096) } },
  }
  test('OPTIONS_INVALID for what is not allowed, and nothing is added', async (stage) => {
    for (const [what, more] of Object.entries(refused))
      await rejects(
        async () => stage.queue.add(job(1, more)),
        (error) => isSyncError(error, 'OPTIONS_INVALID'),
        what,
      )
    equal((await stage.queue.counts(queueName)).waiting, 0)
  })

  test('jobs of one key are told apart by their ids', async (stage) => {
    const watched = stage.work({ handle: untilAborted })
    const first = await stage.queue.add(job(1, { key: 'k' }))
    await stage.until('it runs', () => watched.started.length === 1)
    await stage.meanwhile(watched.worker.stop({ drainMs: 0 }))
    equal(await stage.queue.cancel(queueName, first.jobId), true)
    const second = await stage.queue.add(job(2, { key: 'k' }))
    notEqual(second.jobId, first.jobId)
    equal(await stage.queue.get(queueName, first.jobId), undefined)
  })
}
