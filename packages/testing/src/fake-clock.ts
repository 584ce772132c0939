import type { Clock } from '@syncline/core'

export interface FakeClockOptions {
  /** @default 2026-01-01T00:00:00.000Z */
  readonly start?: Date | undefined
  /** Sleeping advances the time at once instead of waiting for `advance`. @default false */
  readonly auto?: boolean | undefined
}

/** A clock that stands still until it is told to move. */
export interface FakeClock extends Clock {
  /** Moves time on, waking sleepers and calling back at their instants, in order. Await it. */
  advance(ms: number): Promise<void>
  /** Resolves with the length of the next sleep that nobody asked for yet, as soon as it is entered. */
  nextSleep(): Promise<number>
  /** Lengths of all sleeps so far, in the order they were entered. */
  readonly slept: readonly number[]
  /** Sleeps that go on. */
  readonly sleepers: number
  /** Callbacks of `after` that are still to come: 0 once nothing leaks. */
  readonly timers: number
}

interface Alarm {
  readonly at: number
  readonly isSleep: boolean
  readonly ring: () => void
}

/** Lets everything go on that can go on without time passing. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function fakeClock(options: FakeClockOptions = {}): FakeClock {
  const alarms = createAlarms((options.start ?? new Date('2026-01-01T00:00:00.000Z')).getTime())
  const slept: number[] = []
  const asked: ((ms: number) => void)[] = []
  let reported = 0
  return {
    now: () => new Date(alarms.now()),
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      const until = alarms.now() + ms
      const sleeping = sleepUntil(alarms, until, signal)
      slept.push(ms)
      const answer = asked.shift()
      if (answer) reported += 1
      answer?.(ms)
      if (options.auto) alarms.moveTo(until)
      return sleeping
    },
    after: (ms, callback) => alarms.set({ at: alarms.now() + ms, isSleep: false, ring: callback }),
    async advance(ms) {
      const until = alarms.now() + ms
      while (alarms.ringNext(until)) await settle()
      alarms.moveTo(until)
      await settle()
    },
    nextSleep() {
      const ms = slept[reported]
      if (ms === undefined) return new Promise((resolve) => asked.push(resolve))
      reported += 1
      return Promise.resolve(ms)
    },
    slept,
    get sleepers() {
      return alarms.count(true)
    },
    get timers() {
      return alarms.count(false)
    },
  }
}

interface Alarms {
  now(): number
  /** The returned function takes the alarm back. */
  set(alarm: Alarm): () => void
  /** Rings the first alarm due by then; alarms of one instant ring in the order they were set. */
  ringNext(until: number): boolean
  /** Rings everything due by then and arrives there. */
  moveTo(instant: number): void
  count(isSleep: boolean): number
}

function createAlarms(start: number): Alarms {
  let now = start
  const pending = new Set<Alarm>()
  const ringNext = (until: number): boolean => {
    const [next] = [...pending].filter(({ at }) => at <= until).toSorted((left, right) => left.at - right.at)
    if (!next) return false
    pending.delete(next)
    now = Math.max(now, next.at)
    next.ring()
    return true
  }
  return {
    now: () => now,
    set(alarm) {
      pending.add(alarm)
      return () => void pending.delete(alarm)
    },
    ringNext,
    moveTo(instant) {
      while (ringNext(instant));
      now = Math.max(now, instant)
    },
    count: (isSleep) => [...pending].filter((alarm) => alarm.isSleep === isSleep).length,
  }
}

function sleepUntil(alarms: Alarms, at: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const disarm = alarms.set({
      at,
      isSleep: true,
      ring() {
        signal?.removeEventListener('abort', stop)
        resolve()
      },
    })
    const stop = (): void => {
      disarm()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
