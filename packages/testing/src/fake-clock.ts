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
  let nowMs = (options.start ?? new Date('2026-01-01T00:00:00.000Z')).getTime()
  const alarms = new Set<Alarm>()
  const slept: number[] = []
  const asked: ((ms: number) => void)[] = []
  let reported = 0

  const count = (isSleep: boolean): number => [...alarms].filter((alarm) => alarm.isSleep === isSleep).length
  /** Rings the first alarm due by then. Alarms of one instant ring in the order they were set. */
  const ringNext = (until: number): boolean => {
    const [next] = [...alarms].filter(({ at }) => at <= until).sort((left, right) => left.at - right.at)
    if (!next) return false
    alarms.delete(next)
    nowMs = Math.max(nowMs, next.at)
    next.ring()
    return true
  }
  const noteSleep = (ms: number): void => {
    slept.push(ms)
    const answer = asked.shift()
    if (!answer) return
    reported += 1
    answer(ms)
  }
  const sleepUntil = (at: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const alarm: Alarm = { at, isSleep: true, ring: wake }
      const stop = (): void => {
        alarms.delete(alarm)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', stop, { once: true })
      alarms.add(alarm)
    })

  return {
    now: () => new Date(nowMs),
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      const until = nowMs + ms
      const sleeping = sleepUntil(until, signal)
      noteSleep(ms)
      if (options.auto) while (ringNext(until));
      return sleeping
    },
    after(ms, callback) {
      const alarm: Alarm = { at: nowMs + ms, isSleep: false, ring: callback }
      alarms.add(alarm)
      return () => void alarms.delete(alarm)
    },
    async advance(ms) {
      const until = nowMs + ms
      while (ringNext(until)) await settle()
      nowMs = Math.max(nowMs, until)
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
      return count(true)
    },
    get timers() {
      return count(false)
    },
  }
}
