import type { JsonObject } from '../model/json.ts'

/** What workers are asked to do. What became of it is in the store: a queue only wakes workers. */
export interface NewJob {
  /** Workers take the jobs of one queue: `[a-z][a-z0-9-]{0,63}`. */
  readonly queue: string
  /**
   * While a job with this key waits (also for a delay or a retry) or runs in its queue, adding another changes
   * nothing. Any text of 1 to 200 characters without control characters. @default none: always a new job
   */
  readonly key?: string | undefined
  /** Names a run or a scope; at most 4,096 bytes of JSON. Never a secret, never records. */
  readonly payload: JsonObject
  /**
   * Lower ones run first, equal ones in the order they became ready: a whole number from 0 to 1,000,000. Gives manual
   * jobs their way before scheduled ones, and tenants their turns: a tenant's n-th scope gets n. @default 0
   */
  readonly priority?: number | undefined
  /** How long it waits before a worker may take it: a whole number of milliseconds, at most 10 years. @default 0 */
  readonly delayMs?: number | undefined
  /**
   * How long it waits after its first failure, its second and so on, at most 20; the failure after the last wait
   * makes it a dead letter. @default [300_000, 3_600_000]: 3 failures
   */
  readonly retryDelaysMs?: readonly number[] | undefined
}

/** What adding came to: a new job, or the one with the same key that was there. */
export interface AddedJob {
  readonly jobId: string
  readonly added: boolean
}

/** How far a job is, for whoever watches. */
export interface JobProgress {
  readonly current: number
  /** Absent while unknown. */
  readonly total?: number | undefined
  readonly message?: string | undefined
}

/** Facts that do not change while a job is waited for, run and tried again. */
export interface JobFacts {
  readonly jobId: string
  readonly queue: string
  readonly key?: string | undefined
  readonly payload: JsonObject
  readonly priority: number
  readonly retryDelaysMs: readonly number[]
  /** The schedule whose tick added it. */
  readonly scheduleId?: string | undefined
  readonly addedAt: Date
}

/** A job that has not ended. */
export interface JobStatus extends JobFacts {
  readonly state: 'waiting' | 'delayed' | 'running'
  /** Failures so far. */
  readonly failures: number
  /** As reported last. */
  readonly progress?: JobProgress | undefined
}

/** A job that failed as often as it may, kept to be looked at and run again. */
export interface DeadLetter extends JobFacts {
  readonly failures: number
  readonly failedAt: Date
  /** Why it failed last: at most 1,000 characters. `JOB_LOST`: its workers died under it too often. */
  readonly error: { readonly code: string; readonly message: string }
}

/** How many jobs of a queue are in each state. */
export interface JobCounts {
  readonly waiting: number
  readonly delayed: number
  readonly running: number
  readonly dead: number
}

/** A job in the hands of a worker. */
export interface RunningJob extends JobFacts {
  /** Failures so far. */
  readonly failures: number
  /** Whether a failure now makes it a dead letter: the time for an alert. */
  readonly isLastTry: boolean
  /**
   * Aborts with LEASE_LOST when the queue gave the job to another worker, because this one was silent for too long,
   * and with STOPPED when a stop has waited long enough. What is done after that is done twice.
   */
  readonly signal: AbortSignal
  /** Keeps it for `get`. Never rejects: progress that is lost is no failure. */
  report(progress: JobProgress): Promise<void>
}

/** The job is not done: it runs again after `laterMs`, with its key kept and no failure counted. */
export interface NotNow {
  readonly laterMs: number
}

/**
 * Runs a job. At least once: a job whose worker died, or was silent, is handed to another one, so that handling must
 * bear repetition. Resolving ends the job well, unless with `NotNow`; rejecting is a failure.
 */
export type JobHandler = (job: RunningJob) => Promise<NotNow | undefined>

export interface WorkRequest {
  readonly queue: string
  readonly handle: JobHandler
  /** Jobs this worker runs at once. @default 1 */
  readonly concurrency?: number | undefined
}

/** Takes jobs until it is stopped. */
export interface QueueWorker {
  /**
   * Takes no more jobs, lets those under way end for `drainMs`, then aborts their signals and gives them a second to
   * obey. Jobs that did not end go back to their queue, without a failure. Never rejects; repeating it waits for
   * the same stop. Takes no longer than `drainMs` and 2 s, also when the queue's server is gone. @default 3_000
   */
  stop(options?: { readonly drainMs?: number | undefined }): Promise<{ readonly unfinished: number }>
}

/** When a schedule ticks: a matter of this alone, never of when or by whom it was written. */
export type Recurrence =
  /** Five fields, in `timeZone`: an IANA name such as `Europe/Berlin`. @default UTC */
  | { readonly cron: string; readonly timeZone?: string | undefined }
  /** At whole multiples of `everyMs` since 1970, `offsetMs` later: from 1,000 to 31 days. @default 0 */
  | { readonly everyMs: number; readonly offsetMs?: number | undefined }

/** Adds a job again and again. */
export interface Schedule {
  /** Any text of 1 to 200 characters without control characters, such as `cr-sync-{connectorId}-{resourceType}`. */
  readonly scheduleId: string
  readonly recurrence: Recurrence
  /** Added at each tick, like `add` does: with a key, a tick changes nothing while the last one's job is under way. */
  readonly job: NewJob
}

/** A schedule as it is kept. */
export interface ScheduleStatus extends Schedule {
  readonly nextTickAt: Date
}

/**
 * Jobs and schedules, shared by all processes that use the same server. Everything in it can be lost with its server
 * (a flush): core repairs it from the store, which is the truth. Requests are checked: @throws OPTIONS_INVALID,
 * CRON_INVALID. @throws QUEUE_UNAVAILABLE from any method but `work` and `close` when the server does not answer
 * in time; what was asked for may then have happened or not, so repeat it. @throws STOPPED after `close`.
 */
export interface Queue {
  add(job: NewJob): Promise<AddedJob>
  /** Undefined when it ended well, is a dead letter or never was: ended jobs are forgotten. */
  get(queue: string, jobId: string): Promise<JobStatus | undefined>
  counts(queue: string): Promise<JobCounts>
  /** Removes a job that waits, whatever for, and frees its key. False when it runs, ended or never was. */
  cancel(queue: string, jobId: string): Promise<boolean>
  /** Newest first, at most `limit` of the 1,000 that are kept per queue. @default 100 */
  deadLetters(
    queue: string,
    options?: { readonly limit?: number | undefined },
  ): Promise<readonly DeadLetter[]>
  /**
   * Adds a dead letter's job anew, without its failures, and forgets the letter; with a key, the job of that key
   * that is under way stands for it. Undefined when there is no such letter.
   */
  redrive(queue: string, jobId: string): Promise<AddedJob | undefined>
  /**
   * Writes a schedule. Repeating it, by any number of processes at any time, changes nothing: there is one, and no
   * tick moves or is lost. Another recurrence or job replaces the old from the next tick on.
   */
  upsertSchedule(schedule: Schedule): Promise<ScheduleStatus>
  /** False when there is none. Jobs it added stay. */
  removeSchedule(scheduleId: string): Promise<boolean>
  /** All of them, ordered by id, by code point. */
  schedules(): Promise<readonly ScheduleStatus[]>
  /**
   * Begins to take jobs, at once and without waiting for the server, and lets schedules tick: they do while any
   * worker of any queue runs. Ticks that came due while none did are made up for by one.
   */
  work(request: WorkRequest): QueueWorker
  /** Stops all workers of this process, then closes what was opened for it. Never rejects; at most 5 s by default. */
  close(options?: { readonly drainMs?: number | undefined }): Promise<void>
}
