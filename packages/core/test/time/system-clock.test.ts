import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/time/system-clock.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const settled = async (promise: Promise<void>): Promise<string> =>
  Promise.race([
    promise.then(
      () => 'resolved',
      (reason: unknown) => `rejected: ${String(reason)}`,
    ),
    Promise.resolve().then(() => Promise.resolve().then(() => Promise.resolve('pending'))),
  ])

describe('systemClock', () => {
  test('tells the time', () => {
    vi.setSystemTime(new Date('2026-03-01T00:00:00.000Z'))
    expect(systemClock.now()).toEqual(new Date('2026-03-01T00:00:00.000Z'))
  })

  test('sleeps as long as asked', async () => {
    const sleep = systemClock.sleep(1_000)
    await vi.advanceTimersByTimeAsync(999)
    expect(await settled(sleep)).toBe('pending')
    await vi.advanceTimersByTimeAsync(1)
    expect(await settled(sleep)).toBe('resolved')
  })

  test('sleeps longer than one timer can', async () => {
    const ms = 2 ** 31 + 5_000
    const sleep = systemClock.sleep(ms)
    await vi.advanceTimersByTimeAsync(ms - 1)
    expect(await settled(sleep)).toBe('pending')
    await vi.advanceTimersByTimeAsync(1)
    expect(await settled(sleep)).toBe('resolved')
  })

  test('an abort ends a sleep at once, with its reason, and leaves no timer and no listener', async () => {
    const controller = new AbortController()
    const sleep = systemClock.sleep(2 ** 33, controller.signal)
    controller.abort('enough')
    await expect(sleep).rejects.toBe('enough')
    expect(vi.getTimerCount()).toBe(0)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  test('an aborted signal refuses to sleep', async () => {
    await expect(systemClock.sleep(10, AbortSignal.abort('before'))).rejects.toBe('before')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a finished sleep leaves no listener on the signal', async () => {
    const { signal } = new AbortController()
    const sleep = systemClock.sleep(10, signal)
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(10)
    await sleep
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('calls back once after a delay', async () => {
    const callback = vi.fn<() => void>()
    systemClock.after(50, callback)
    await vi.advanceTimersByTimeAsync(500)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  test('a cancelled delay never calls back, in its later pieces neither', async () => {
    const callback = vi.fn<() => void>()
    const cancel = systemClock.after(2 ** 31 + 50, callback)
    await vi.advanceTimersByTimeAsync(2 ** 31)
    cancel()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(callback).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
