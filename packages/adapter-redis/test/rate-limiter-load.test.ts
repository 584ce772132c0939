import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findRedis, type RedisServer, startRedis } from '../../../test-support/redis/start-redis.ts'
import { callFromProcesses, mostWithin, shareOfAllowed, usualGap } from './calling-processes.ts'

const file = findRedis()
let server: RedisServer
beforeAll(async () => {
  if (file !== undefined) server = await startRedis(file)
})
afterAll(() => server?.stop())

/** Answers of upstream and the ways there take their time; a machine that is busy delays some. */
const networkMs = 100

describe.skipIf(file === undefined)('limits of one process, as upstream sees them', () => {
  test('Redis is killed, back, and loses its data: never more, and calls go on', async () => {
    const window = { limit: 9, perMs: 1_000 }
    const states: string[] = []
    let over: Promise<void> | undefined
    // Not waits for something to happen: an outage has a length, and the load, in processes of its own, goes by the
    // server's real time. What the troubles did is read back from the server, not taken for granted.
    const trouble = async (): Promise<void> => {
      await setTimeout(1_000)
      await server.kill()
      states.push(await server.command(['ping']).catch(() => 'killed'))
      await setTimeout(1_500)
      await server.restart()
      await setTimeout(3_500)
      states.push(await server.command(['exists', 'rl:upstream:places']))
      states.push(await server.command(['flushall']))
    }
    const arrivals = await callFromProcesses({
      redisUrl: server.url,
      limits: { windows: [window] },
      processes: 1,
      seconds: 7.5,
      onStarted() {
        over = trouble()
      },
    })
    await over
    expect(states).toEqual(['killed', ':1\r\n', '+OK\r\n'])
    expect(mostWithin(arrivals, window)).toBeLessThanOrEqual(9)
    expect(arrivals.length).toBeGreaterThan(45)
  })
})

describe.skipIf(file === undefined)('limits shared by four processes, as upstream sees them', () => {
  test('3 a second with 300 ms between starts: never more, and nearly all of it', async () => {
    const window = { limit: 3, perMs: 1_000 }
    const arrivals = await callFromProcesses({
      redisUrl: server.url,
      limits: { windows: [window], minSpacingMs: 300 },
      processes: 4,
      seconds: 5,
    })
    expect(mostWithin(arrivals, window)).toBeLessThanOrEqual(3)
    expect(usualGap(arrivals)).toBeGreaterThan(300 - networkMs)
    expect(shareOfAllowed(arrivals, window)).toBeGreaterThanOrEqual(0.9)
  })

  test('a process that is killed gives back what it held, and upstream never sees more', async () => {
    await server.command(['flushall'])
    const window = { limit: 9, perMs: 1_000 }
    const pids: number[] = []
    const arrivals = await callFromProcesses({
      redisUrl: server.url,
      limits: { windows: [window] },
      processes: 4,
      seconds: 5,
      holdMs: 2_000,
      onStarted(child) {
        pids.push(child.pid ?? 0)
        if (pids.length === 1) child.kill('SIGKILL')
      },
    })
    expect(pids).toHaveLength(4)
    expect(mostWithin(arrivals, window)).toBeLessThanOrEqual(9)
    expect(arrivals.length).toBeGreaterThan(18)
  })
})
