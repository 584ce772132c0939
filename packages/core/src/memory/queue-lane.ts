import type { AddedJob, DeadLetter, JobCounts, JobFacts, JobProgress, JobStatus } from '../ports/queue.ts'
import type { CheckedJob } from '../queueing/check-requests.ts'
import { describeFailure, maxDeadLetters } from '../queueing/failed-job.ts'

/** The jobs of one queue. Instants are milliseconds of one clock. */
export interface QueueLane {
  add(job: CheckedJob, origin: { readonly now: number; readonly scheduleId?: string | undefined }): AddedJob
  get(jobId: string, now: number): JobStatus | undefined
  counts(now: number): JobCounts
  cancel(jobId: string): boolean
  /** Newest first. */
  deadLetters(): readonly DeadLetter[]
  /** Takes a letter out. */
  takeLetter(jobId: string): DeadLetter | undefined
  /** The job that runs next, now in the hands of the caller; undefined when none is due. */
  take(now: number): HeldJob | undefined
  /** When the next job that nobody holds is due; infinite when there is none. */
  nextDueAt(): number
}

/** A job in the hands of a worker, until one of these is called; after that they do nothing. */
export interface HeldJob {
  readonly facts: JobFacts
  readonly failures: number
  report(progress: JobProgress): void
  end(): void
  /** Back to the queue until then, without a failure. */
  giveBack(dueAt: number): void
  fail(error: unknown, now: number): void
}

interface Entry {
  readonly facts: JobFacts
  readonly sequence: number
  dueAt: number
  failures: number
  progress?: JobProgress | undefined
  holder?: symbol | undefined
}

export function createLane(): QueueLane {
  const jobs = new Map<string, Entry>()
  const keys = new Map<string, string>()
  const letters: DeadLetter[] = []
  let sequence = 0

  const forget = ({ facts }: Entry): void => {
    jobs.delete(facts.jobId)
    if (facts.key !== undefined) keys.delete(facts.key)
  }
  const bury = (entry: Entry, error: unknown, now: number): void => {
    forget(entry)
    const { facts, failures } = entry
    letters.unshift({ ...facts, failures, failedAt: new Date(now), error: describeFailure(error) })
    letters.splice(maxDeadLetters)
  }
  return {
    add({ delayMs, key, ...job }, { now, scheduleId }) {
      const underWay = key === undefined ? undefined : keys.get(key)
      if (underWay !== undefined) return { jobId: underWay, added: false }
      sequence += 1
      const jobId = String(sequence)
      const facts = { ...job, jobId, key, scheduleId, addedAt: new Date(now) }
      jobs.set(jobId, { facts, sequence, dueAt: now + delayMs, failures: 0 })
      if (key !== undefined) keys.set(key, jobId)
      return { jobId, added: true }
    },
    get(jobId, now) {
      const entry = jobs.get(jobId)
      if (!entry) return undefined
      const { facts, failures, progress } = entry
      return { ...facts, failures, progress, state: stateOf(entry, now) }
    },
    counts: (now) => ({ ...countStates(jobs.values(), now), dead: letters.length }),
    cancel(jobId) {
      const entry = jobs.get(jobId)
      if (!entry || entry.holder) return false
      forget(entry)
      return true
    },
    deadLetters: () => letters,
    takeLetter(jobId) {
      const place = letters.findIndex((letter) => letter.jobId === jobId)
      return place < 0 ? undefined : letters.splice(place, 1)[0]
    },
    take(now) {
      let first: Entry | undefined
      for (const entry of jobs.values())
        if (stateOf(entry, now) === 'waiting' && (!first || runsBefore(entry, first))) first = entry
      return first && hold(first, { forget, bury })
    },
    nextDueAt() {
      let next = Number.POSITIVE_INFINITY
      for (const { holder, dueAt } of jobs.values()) if (!holder) next = Math.min(next, dueAt)
      return next
    },
  }
}

const stateOf = ({ holder, dueAt }: Entry, now: number): JobStatus['state'] =>
  holder ? 'running' : dueAt <= now ? 'waiting' : 'delayed'

function countStates(entries: Iterable<Entry>, now: number): Omit<JobCounts, 'dead'> {
  const counts = { waiting: 0, delayed: 0, running: 0 }
  for (const entry of entries) counts[stateOf(entry, now)] += 1
  return counts
}

const runsBefore = (left: Entry, right: Entry): boolean =>
  (left.facts.priority - right.facts.priority || left.dueAt - right.dueAt || left.sequence - right.sequence) <
  0

function hold(
  entry: Entry,
  lane: {
    readonly forget: (entry: Entry) => void
    readonly bury: (entry: Entry, error: unknown, now: number) => void
  },
): HeldJob {
  const holder = Symbol('holder')
  entry.holder = holder
  const once = (act: () => void): void => {
    if (entry.holder !== holder) return
    entry.holder = undefined
    act()
  }
  return {
    facts: entry.facts,
    failures: entry.failures,
    report(progress) {
      if (entry.holder === holder) entry.progress = progress
    },
    end: () => once(() => lane.forget(entry)),
    giveBack: (dueAt) => once(() => void (entry.dueAt = dueAt)),
    fail: (error, now) =>
      once(() => {
        const waitMs = entry.facts.retryDelaysMs[entry.failures]
        entry.failures += 1
        if (waitMs === undefined) lane.bury(entry, error, now)
        else entry.dueAt = now + waitMs
      }),
  }
}
