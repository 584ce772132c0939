import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@syncline/core'
import { type FileLock, takeFileLock } from '@syncline/core/locking'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let folder: string
let file: string
let log: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syncline-lock-'))
  file = join(folder, 'it.lock')
  log = join(folder, 'log')
  writeFileSync(log, '')
})
afterEach(() => rmSync(folder, { recursive: true }))

const child = join(import.meta.dirname, 'lock.child.ts')
const node = ['--conditions=@syncline/source', child]
const start = (...given: string[]) =>
  spawn(process.execPath, [...node, file, log, ...given], { stdio: 'ignore' })
const ended = async (started: ReturnType<typeof start>): Promise<void> => {
  await once(started, 'exit')
}
const lines = (): string[] => readFileSync(log, 'utf8').trim().split('\n')

/** Beginnings that came before the holder before them had ended. */
function doubles(): number {
  let holder: string | undefined
  let count = 0
  for (const line of lines()) {
    const [what, pid] = line.split(' ')
    if (what === 'begin') {
      if (holder !== undefined) count += 1
      holder = pid
    } else if (what === 'end') holder = undefined
  }
  return count
}

/** Time that passes as it is slept away. */
const steppedClock = (onSleep: (ms: number) => void = () => {}): Clock => ({
  now: () => new Date(0),
  sleep: async (ms) => onSleep(ms),
  after: () => () => {},
})

const take = async (clock: Clock = steppedClock()): Promise<FileLock> => {
  const lock = await takeFileLock({ file, clock, waitMs: 0, heartbeat: false })
  if ('heldBy' in lock) throw new Error(`held by ${lock.heldBy}`)
  return lock
}

const foreign = (place = 'another container'): string =>
  JSON.stringify({ id: 'foreign', pid: process.pid, place, started: '1' })

describe('a lock file', () => {
  test('is held by one of six processes at a time, and leaves nothing behind', async () => {
    await Promise.all(Array.from({ length: 6 }, () => ended(start('300'))))
    const begun = lines().filter((line) => line.startsWith('begin')).length
    expect(begun).toBe(1_800)
    expect(doubles()).toBe(0)
    expect(readdirSync(folder)).toEqual(['log'])
  })

  test('that a dead process left is taken over by exactly one of several that look at once', async () => {
    await ended(start('1', '0', 'die'))
    const stale = readFileSync(file, 'utf8')
    for (let round = 0; round < 200; round += 1) {
      writeFileSync(file, stale)
      const locks = await Promise.all(
        Array.from({ length: 4 }, () =>
          takeFileLock({ file, clock: steppedClock(), waitMs: 0, heartbeat: false }),
        ),
      )
      const held = locks.flatMap((lock) => ('heldBy' in lock ? [] : [lock]))
      expect(held).toHaveLength(1)
      expect(held.map((lock) => lock.isHeld())).toEqual([true])
      await held[0]?.release()
    }
    expect(readdirSync(folder)).toEqual(['log'])
  })

  test('of a process that is stopped is respected', async () => {
    const holder = start('1', '0', 'keep')
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5))
    holder.kill('SIGSTOP')
    expect(await takeFileLock({ file, clock: steppedClock(), waitMs: 60_000, heartbeat: false })).toEqual({
      heldBy: holder.pid,
    })
    holder.kill('SIGKILL')
    await ended(holder)
    await (await take()).release()
  })

  test('of a dead process with the id of this one is taken over', async () => {
    const lock = await take()
    const { started, ...owner } = JSON.parse(readFileSync(file, 'utf8')) as { started: string }
    await lock.release()
    writeFileSync(file, JSON.stringify({ ...owner, started: String(Number(started) - 1) }))
    await (await take()).release()
  })

  test('of a process elsewhere is respected while its file changes', async () => {
    writeFileSync(file, foreign())
    let beat = 0
    const clock = steppedClock(() => {
      beat += 1
      if (beat % 100 === 0) utimesSync(file, beat, beat)
    })
    expect(await takeFileLock({ file, clock, waitMs: 0, heartbeat: false })).toEqual({ heldBy: process.pid })
  })

  test.each([
    ['of a process elsewhere', foreign()],
    ['of another boot', foreign('another boot pid:[1]')],
    ['that was never filled', ''],
    ['that something else wrote', '4711'],
  ])('%s is taken over once it has stood still for eight seconds', async (_, text) => {
    writeFileSync(file, text)
    let slept = 0
    const lock = await take(
      steppedClock((ms) => {
        slept += ms
      }),
    )
    expect(slept).toBeGreaterThanOrEqual(8_000)
    expect(slept).toBeLessThan(9_000)
    expect(lock.isHeld()).toBe(true)
    await lock.release()
    expect(existsSync(file)).toBe(false)
  })

  test('that was taken over is not held any more, and not removed by its former owner', async () => {
    const lock = await take()
    writeFileSync(file, foreign())
    expect(lock.isHeld()).toBe(false)
    await lock.release()
    expect(readFileSync(file, 'utf8')).toBe(foreign())
  })

  test('with a heartbeat changes although its process is busy', async () => {
    const lock = await takeFileLock({ file, clock: steppedClock(), waitMs: 0, heartbeat: true })
    if ('heldBy' in lock) throw new Error('held')
    utimesSync(file, 1, 1)
    const busyUntil = performance.now() + 2_500
    while (performance.now() < busyUntil);
    expect(statSync(file).mtimeMs).toBeGreaterThan(1_000)
    await lock.release()
  })
})

const unshare = ['--pid', '--fork', '--kill-child', '--mount-proc']
const namespaces = spawnSync('unshare', [...unshare, 'true']).status === 0
const required = process.env.SYNCLINE_REQUIRE_SERVICES === '1'

describe.skipIf(!namespaces && !required)('a lock in a namespace of process ids', () => {
  const inNamespace = (...given: string[]) =>
    spawn('unshare', [...unshare, process.execPath, ...node, file, log, ...given], { stdio: 'ignore' })

  test('is taken over after its owner, process 1, was killed, by process 1 of the next container', async () => {
    for (let round = 0; round < 2; round += 1) {
      const owner = inNamespace('1', '0', 'die')
      await once(owner, 'exit')
    }
    expect(lines()).toEqual(['begin 1', 'begin 1'])
  })
})
