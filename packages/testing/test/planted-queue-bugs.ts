import type { JobHandler, NewJob, Queue, RunningJob, Schedule } from '@syncline/core'

/** A mistake that a queue may make, and the case that must catch it. */
interface PlantedQueueBug {
  readonly caughtBy: string
  readonly plant: (queue: Queue) => Queue
}

/** The queue, given other jobs. */
const adding =
  (change: (job: NewJob) => NewJob) =>
  (queue: Queue): Queue => ({ ...queue, add: (job) => queue.add(change(job)) })

/** The queue, with handlers that behave otherwise. */
const handling =
  (change: (handle: JobHandler) => JobHandler) =>
  (queue: Queue): Queue => ({
    ...queue,
    work: (request) => queue.work({ ...request, handle: change(request.handle) }),
  })

const handing = (change: (job: RunningJob) => RunningJob) =>
  handling((handle) => (job) => handle(change(job)))

/** The queue, given other schedules. */
const scheduling =
  (change: (schedule: Schedule) => Schedule) =>
  (queue: Queue): Queue => ({
    ...queue,
    upsertSchedule: (schedule) => queue.upsertSchedule(change(schedule)),
  })

let unique = 0
const another = (text: string | undefined): string => {
  unique += 1
  return `${text} ${unique}`
}

export const plantedQueueBugs: Readonly<Record<string, PlantedQueueBug>> = {
  'facts are lost on the way': {
    caughtBy: 'a job runs once, with what it was added with',
    plant: adding((job) => ({ ...job, priority: 0 })),
  },
  'a job runs twice': {
    caughtBy: 'a job runs once, with what it was added with',
    plant: handling((handle) => async (job) => {
      await handle(job)
      return handle(job)
    }),
  },
  'ended jobs are kept': {
    caughtBy: 'ended jobs are forgotten',
    plant: handling((handle) => async (job) => (await handle(job)) ?? { laterMs: 3_600_000 }),
  },
  'keys are ignored': {
    caughtBy: 'while a job with its key waits, adding another changes nothing',
    plant: adding((job) => ({ ...job, key: undefined })),
  },
  'a key is free once its job runs': {
    caughtBy: 'while a job with its key runs, adding another changes nothing',
    plant(queue) {
      let isRunning = false
      return {
        ...handling((handle) => (job) => {
          isRunning = true
          return handle(job)
        })(queue),
        add: (job) => queue.add(isRunning ? { ...job, key: another(job.key) } : job),
      }
    },
  },
  'a key is free while its job is delayed': {
    caughtBy: 'while a job with its key waits for a delay or a retry',
    plant: adding((job) => (job.delayMs ? { ...job, key: another(job.key) } : job)),
  },
  'a key stays taken after a failure': {
    caughtBy: 'a key is free again when its job ended, well or not',
    plant: adding((job) => ({ ...job, retryDelaysMs: [3_600_000] })),
  },
  'keys are shared by queues': {
    caughtBy: 'without a key, or with that of another queue',
    plant: adding((job) => ({ ...job, queue: 'sync' })),
  },
  'looking and adding are two steps': {
    caughtBy: 'of many that add with one key at once, one adds',
    plant(queue) {
      const known = new Set<string>()
      return {
        ...queue,
        async add(job) {
          const isKnown = known.has(String(job.key))
          await new Promise((resolve) => setImmediate(resolve))
          known.add(String(job.key))
          return queue.add(isKnown ? job : { ...job, key: another(job.key) })
        },
      }
    },
  },
  'keys are cut at a colon': {
    caughtBy: 'a key is any text',
    plant: adding((job) => (job.key === undefined ? job : { ...job, key: job.key.split(':')[0] || ':' })),
  },
  'priorities are turned round': {
    caughtBy: 'lower priorities run first',
    plant: adding((job) => ({ ...job, priority: 1_000_000 - (job.priority ?? 0) })),
  },
  'delays are ignored': {
    caughtBy: 'a job waits for its delay, and others do not wait for it',
    plant: adding((job) => ({ ...job, delayMs: 0 })),
  },
  'queues are one': {
    caughtBy: 'a worker takes the jobs of its queue only',
    plant: adding((job) => ({ ...job, queue: 'sync' })),
  },
  'workers share a payload': {
    caughtBy: 'a payload is a copy',
    plant(queue) {
      const first = new Map<string, RunningJob>()
      return handing((job) => {
        const { payload } = first.get(job.jobId) ?? job
        first.set(job.jobId, job)
        return { ...job, payload }
      })(queue)
    },
  },
  'jobs are not checked': {
    caughtBy: 'OPTIONS_INVALID for what is not allowed, and nothing is added',
    plant: adding(({ queue, payload }) => ({
      queue: queue.replace(':', '-'),
      payload: { n: JSON.stringify(payload.n).slice(0, 9) },
    })),
  },
  'states are not told apart': {
    caughtBy: 'get tells whether a job waits, is delayed or runs',
    plant: (queue) => ({
      ...queue,
      async get(name, jobId) {
        const status = await queue.get(name, jobId)
        return status && { ...status, state: 'waiting' }
      },
    }),
  },
  'counts leave the delayed out': {
    caughtBy: 'get tells whether a job waits, is delayed or runs',
    plant: (queue) => ({ ...queue, counts: async (name) => ({ ...(await queue.counts(name)), delayed: 0 }) }),
  },
  'jobs are found in any queue': {
    caughtBy: 'there is no job that was never added, nor one of another queue',
    plant: (queue) => ({ ...queue, get: (_, jobId) => queue.get('sync', jobId) }),
  },
  'the first progress is kept': {
    caughtBy: 'progress is kept as reported last',
    plant: handing((job) => ({
      ...job,
      report: (progress) => (progress.current === 1 ? job.report(progress) : Promise.resolve()),
    })),
  },
  'cancelling does nothing': {
    caughtBy: 'a job that waits can be cancelled',
    plant: (queue) => ({ ...queue, cancel: async () => true }),
  },
  'only ready jobs can be cancelled': {
    caughtBy: 'a job that waits for a delay or a retry can be cancelled',
    plant: (queue) => ({
      ...queue,
      cancel: async (name, jobId) =>
        (await queue.get(name, jobId))?.state === 'waiting' && queue.cancel(name, jobId),
    }),
  },
  'running jobs are said to be cancelled': {
    caughtBy: 'a job that runs cannot be cancelled',
    plant: (queue) => ({
      ...queue,
      async cancel(name, jobId) {
        await queue.cancel(name, jobId)
        return true
      },
    }),
  },
  'retries come at once': {
    caughtBy: 'a failed job runs again after its waits, and knows its last try',
    plant: adding((job) => ({ ...job, retryDelaysMs: job.retryDelaysMs?.map(() => 0) })),
  },
  'the last try is not told': {
    caughtBy: 'a failed job runs again after its waits, and knows its last try',
    plant: handing((job) => ({ ...job, isLastTry: false })),
  },
  'reasons are lost': {
    caughtBy: 'the failure after the last wait makes it a dead letter',
    plant: handling((handle) => async (job) => {
      try {
        return await handle(job)
      } catch {
        throw new Error('failed')
      }
    }),
  },
  'letters come oldest first': {
    caughtBy: 'dead letters come newest first',
    plant: (queue) => ({
      ...queue,
      deadLetters: async (name, options) => (await queue.deadLetters(name, options)).toReversed(),
    }),
  },
  'not now counts as a failure': {
    caughtBy: 'NotNow runs a job again later',
    plant: handling((handle) => async (job) => {
      if (await handle(job)) throw new Error('not now')
      return undefined
    }),
  },
  'a letter is kept when it is redriven': {
    caughtBy: 'redrive adds a dead job anew',
    plant: (queue) => ({
      ...queue,
      async redrive(name, jobId) {
        const letters = await queue.deadLetters(name)
        const letter = letters.find((one) => one.jobId === jobId)
        if (!letter) return undefined
        const { key, payload, priority, retryDelaysMs } = letter
        return queue.add({ queue: name, key, payload, priority, retryDelaysMs })
      },
    }),
  },
  'any job can be redriven': {
    caughtBy: 'only dead letters can be redriven',
    plant: (queue) => ({
      ...queue,
      redrive: async (name, jobId) =>
        (await queue.redrive(name, jobId)) ?? queue.add({ queue: name, payload: { jobId } }),
    }),
  },
  'one at a time': {
    caughtBy: 'a worker runs as many jobs at once as concurrency says',
    plant: (queue) => ({ ...queue, work: (request) => queue.work({ ...request, concurrency: 1 }) }),
  },
  'a job goes to two workers': {
    caughtBy: 'each job is run by one worker of all processes',
    plant(queue) {
      const handlers: JobHandler[] = []
      return handling((handle) => {
        handlers.push(handle)
        return async (job) => {
          await Promise.all(handlers.map((one) => one(job)))
          return undefined
        }
      })(queue)
    },
  },
  'a stop does not drain': {
    caughtBy: 'a stopped worker lets jobs under way end and takes no more',
    plant: (queue) => ({
      ...queue,
      work(request) {
        const worker = queue.work(request)
        return { stop: () => worker.stop({ drainMs: 0 }) }
      },
    }),
  },
  'signals say nothing': {
    caughtBy: 'when a stop has waited long enough, signals abort with STOPPED',
    plant: handing((job) => ({ ...job, signal: new AbortController().signal })),
  },
  'a stop waits for ever': {
    caughtBy: 'a handler that does not obey does not hold up a stop',
    plant(queue) {
      const running = new Set<Promise<unknown>>()
      const waiting = handling((handle) => (job) => {
        const end = handle(job)
        running.add(end)
        return end
      })(queue)
      return {
        ...waiting,
        work(request) {
          const worker = waiting.work(request)
          return {
            async stop(options) {
              await Promise.allSettled(running)
              return worker.stop(options)
            },
          }
        },
      }
    },
  },
  'close leaves everything open': {
    caughtBy: 'close stops the workers of its process',
    plant: (queue) => ({ ...queue, close: async () => {} }),
  },
  'a schedule ticks once': {
    caughtBy: 'a schedule adds its job at each tick',
    plant(queue) {
      let ticked = false
      return handling((handle) => async (job) => {
        if (ticked) return undefined
        ticked = true
        return handle(job)
      })(queue)
    },
  },
  'each upsert is a schedule of its own': {
    caughtBy: 'of many processes that write one schedule, one schedule comes',
    plant: scheduling((schedule) => ({ ...schedule, scheduleId: another(schedule.scheduleId) })),
  },
  'an upsert begins an interval anew': {
    caughtBy: 'do not hold up a tick',
    plant(queue) {
      let writes = 0
      return scheduling((schedule) => {
        writes += 1
        return { ...schedule, recurrence: { everyMs: 3_600_000, offsetMs: writes } }
      })(queue)
    },
  },
  'ticks pile up': {
    caughtBy: 'with a key, a tick changes nothing while the job of the last one is under way',
    plant: scheduling((schedule) => ({ ...schedule, job: { ...schedule.job, key: undefined } })),
  },
  'missed ticks are all made up for': {
    caughtBy: 'ticks that came due while no worker ran are made up for by one',
    plant(queue) {
      const since = new Map<string, NewJob>()
      return {
        ...queue,
        async upsertSchedule(schedule) {
          since.set(schedule.scheduleId, schedule.job)
          return queue.upsertSchedule(schedule)
        },
        work(request) {
          for (const job of since.values()) void queue.add(job)
          return queue.work(request)
        },
      }
    },
  },
  'the first job stays': {
    caughtBy: 'another job takes the place of the old one from the next tick on',
    plant(queue) {
      const jobs = new Map<string, NewJob>()
      return scheduling((schedule) => {
        const job = jobs.get(schedule.scheduleId) ?? schedule.job
        jobs.set(schedule.scheduleId, job)
        return { ...schedule, job }
      })(queue)
    },
  },
  'the first recurrence stays': {
    caughtBy: 'another recurrence takes the place of the old one',
    plant: scheduling((schedule) => ({ ...schedule, recurrence: { everyMs: 1_000 } })),
  },
  'removing does nothing': {
    caughtBy: 'a removed schedule ticks no more, and its jobs stay',
    plant: (queue) => ({ ...queue, removeSchedule: async () => true }),
  },
  'what was removed stays removed': {
    caughtBy: 'a schedule that is removed and written again ticks',
    plant(queue) {
      const removed = new Set<string>()
      return {
        ...queue,
        async removeSchedule(scheduleId) {
          removed.add(scheduleId)
          return queue.removeSchedule(scheduleId)
        },
        upsertSchedule: (schedule) =>
          queue.upsertSchedule(
            removed.has(schedule.scheduleId) ? { ...schedule, recurrence: { everyMs: 3_600_000 } } : schedule,
          ),
      }
    },
  },
  'ticks forget the delay': {
    caughtBy: 'a tick may add its job with a delay',
    plant: scheduling((schedule) => ({ ...schedule, job: { ...schedule.job, delayMs: 0 } })),
  },
  'schedules are told in any order': {
    caughtBy: 'schedules are told ordered by id',
    plant: (queue) => ({ ...queue, schedules: async () => (await queue.schedules()).toReversed() }),
  },
}
