import { fail } from 'node:assert/strict'
import type { JobHandler, Queue, QueueWorker, RunningJob } from '@syncline/core'

/** A queue under test, empty when handed over, and what a suite needs besides its port. */
export interface QueueHarness {
  readonly queue: Queue
  /** A second one on the same data, as another process has it; the same one where there is nothing to share. */
  readonly other: Queue
  /** The queue's own time, in milliseconds since 1970. */
  readonly now: () => number
  /** Lets that much of the queue's time pass, and what is due happen. */
  readonly timePasses: (ms: number) => Promise<void>
  /** Closes both queues and whatever was made for them. */
  readonly close: () => Promise<void>
}

/** The test runner's own functions and how to make a queue: works with vitest, node:test, mocha and jest. */
export interface QueueSuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  /** Called once for each case; cases may run one after the other or side by side. */
  readonly createQueue: () => Promise<QueueHarness>
}

/** Declares one case: its name repeats the promise it holds the queue to. */
export type DeclareQueueCase = (name: string, run: (stage: QueueStage) => Promise<void>) => void

/** What a worker of a case did. */
export interface Watched {
  /** Jobs in the order they were started, with the queue's time of it. */
  readonly started: readonly (RunningJob & { readonly at: number })[]
  readonly worker: QueueWorker
}

export interface QueueStage extends QueueHarness {
  /** Works on a queue; a handler that is not given ends every job well. */
  readonly work: (options?: {
    readonly handle?: JobHandler
    readonly queueName?: string
    readonly concurrency?: number
    readonly by?: Queue
  }) => Watched
  /** Waits until something has happened. */
  readonly until: (what: string, happened: () => boolean | Promise<boolean>) => Promise<void>
  /** Lets time pass until a promise is settled. */
  readonly meanwhile: <Value>(promise: Promise<Value>) => Promise<Value>
  /** Long enough to see whether something happens that must not. */
  readonly aWhile: () => Promise<void>
}

/** The queue of cases that need one only. */
export const queueName = 'sync'

const stepMs = 20
const patienceMs = 15_000

/** Declares a group of cases, each over a queue of its own. */
export function queueCases(suite: QueueSuite, name: string, declare: (test: DeclareQueueCase) => void): void {
  suite.describe(name, () => {
    declare((caseName, run) => {
      suite.test(caseName, async () => {
        const harness = await suite.createQueue()
        try {
          await run(stageOf(harness))
        } finally {
          await harness.close()
        }
      })
    })
  })
}

function stageOf(harness: QueueHarness): QueueStage {
  return {
    ...harness,
    work({
      handle = async () => undefined,
      queueName: queue = queueName,
      concurrency,
      by = harness.queue,
    } = {}) {
      const started: (RunningJob & { at: number })[] = []
      const worker = by.work({
        queue,
        ...(concurrency === undefined ? {} : { concurrency }),
        handle(job) {
          started.push({ ...job, at: harness.now() })
          return handle(job)
        },
      })
      return { started, worker }
    },
    async until(what, happened) {
      const deadline = harness.now() + patienceMs
      while (!(await happened())) {
        if (harness.now() > deadline) fail(`Did not happen: ${what}`)
        await harness.timePasses(stepMs)
      }
    },
    async meanwhile(promise) {
      const state = { isSettled: false }
      const settle = (): void => {
        state.isSettled = true
      }
      promise.then(settle, settle)
      const deadline = harness.now() + patienceMs
      while (!state.isSettled) {
        if (harness.now() > deadline) fail(`Not settled after ${patienceMs} ms`)
        await harness.timePasses(stepMs)
      }
      return promise
    },
    async aWhile() {
      for (let step = 0; step < 10; step++) await harness.timePasses(stepMs)
    },
  }
}

/** Holds handlers up until it is opened. */
export function gate(): { readonly opened: Promise<undefined>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  return { opened: promise, open: () => resolve(undefined) }
}

/** A handler that goes on until it is told to stop, and obeys. */
export const untilAborted: JobHandler = (job) =>
  new Promise((_, reject) => {
    const obey = (): void => reject(job.signal.reason)
    if (job.signal.aborted) obey()
    job.signal.addEventListener('abort', obey, { once: true })
  })

export const payloads = (watched: Watched): unknown[] => watched.started.map(({ payload }) => payload.n)
