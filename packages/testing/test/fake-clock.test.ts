import { describe, expect, test } from 'vitest'
import { fakeClock } from '../src/fake-clock.ts'

describe('fakeClock', () => {
  test('stands still until it is advanced', async () => {
    const clock = fakeClock({ start: new Date('2026-05-01T00:00:00.000Z') })
    expect(clock.now().toISOString()).toBe('2026-05-01T00:00:00.000Z')
    await clock.advance(1500)
    expect(clock.now().toISOString()).toBe('2026-05-01T00:00:01.500Z')
  })

  test('wakes sleepers and calls back at their own instants, in order', async () => {
    const clock = fakeClock()
    const start = clock.now().getTime()
    const log: string[] = []
    const note = (name: string): void => void log.push(`${name} at ${clock.now().getTime() - start}`)
    void clock.sleep(300).then(() => note('slow sleeper'))
    clock.after(200, () => note('alarm'))
    void clock.sleep(100).then(() => note('quick sleeper'))
    clock.after(200, () => note('second alarm'))
    await clock.advance(250)
    expect(log).toEqual(['quick sleeper at 100', 'alarm at 200', 'second alarm at 200'])
    await clock.advance(50)
    expect(log.at(-1)).toBe('slow sleeper at 300')
  })

  test('a sleep entered while time advances is due within the same advance', async () => {
    const clock = fakeClock()
    let done = false
    void (async () => {
      await clock.sleep(100)
      await clock.sleep(100)
      done = true
    })()
    await clock.advance(199)
    expect(done).toBe(false)
    await clock.advance(1)
    expect(done).toBe(true)
  })

  test('an alarm that was taken back does not ring, and nothing is left of it', async () => {
    const clock = fakeClock()
    let rung = 0
    const cancel = clock.after(100, () => (rung += 1))
    clock.after(100, () => (rung += 1))
    expect(clock.timers).toBe(2)
    cancel()
    expect(clock.timers).toBe(1)
    await clock.advance(1000)
    expect([rung, clock.timers]).toEqual([1, 0])
  })

  test('a sleep rejects with the reason of its signal as soon as that aborts', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const reason = new Error('stop')
    const sleeping = clock.sleep(1000, controller.signal)
    expect(clock.sleepers).toBe(1)
    controller.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
    expect(clock.sleepers).toBe(0)
    await expect(clock.sleep(1000, controller.signal)).rejects.toBe(reason)
  })

  test('nextSleep waits for a sleep to be entered and reports each once', async () => {
    const clock = fakeClock()
    const first = clock.nextSleep()
    void clock.sleep(10)
    void clock.sleep(20)
    expect(await first).toBe(10)
    expect(await clock.nextSleep()).toBe(20)
    const third = clock.nextSleep()
    void clock.sleep(30)
    expect(await third).toBe(30)
    expect(clock.slept).toEqual([10, 20, 30])
    await clock.advance(30)
    expect(clock.sleepers).toBe(0)
  })

  test('an automatic clock advances by itself when somebody sleeps, and rings what is due', async () => {
    const clock = fakeClock({ auto: true })
    const start = clock.now().getTime()
    const rung: number[] = []
    clock.after(500, () => rung.push(clock.now().getTime() - start))
    clock.after(5000, () => rung.push(-1))
    await clock.sleep(1000)
    expect(rung).toEqual([500])
    expect(clock.now().getTime() - start).toBe(1000)
  })
})
