import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { HostileReport } from './hostile-messages.child.ts'
import { places } from './messages.ts'

const run = promisify(execFile)
const child = join(import.meta.dirname, 'hostile-messages.child.ts')
const perPlace = 220
/** docs/limits.md states both. */
const bounds = { longestTurnMs: 50, rssMiB: 256 }
const typed =
  /^(page of \d+|CONNECTOR_ANSWER_INVALID|UPSTREAM_(UNAVAILABLE|REJECTED|TIMEOUT)|UNAUTHORIZED|CONNECTOR_CONFIG_INVALID)$/

async function report(...args: readonly string[]): Promise<HostileReport> {
  // A decoder that loops fills this heap within a second or two; one that waits is ended.
  const options = ['--conditions=@syncline/source', '--max-old-space-size=96']
  const { stdout } = await run(process.execPath, [...options, child, ...args], { timeout: 60_000 })
  const found: HostileReport = JSON.parse(stdout)
  console.info(`${args.slice(0, 3).join(' ')}: ${stdout.trim()}`)
  return found
}

describe('a server that sends broken messages', () => {
  it.each(places.map((place, index) => [place, String(7_001 + index)]))(
    'gets a typed error or a page for each of 220 mutations of its %s message (seed %s)',
    async (place, seed) => {
      const { outcomes, longestTurnMs, rssMiB } = await report(place, seed, String(perPlace))
      expect(Object.keys(outcomes).filter((outcome) => !typed.test(outcome))).toEqual([])
      expect(Object.values(outcomes).reduce((sum, times) => sum + times, 0)).toBe(perPlace)
      expect(outcomes.CONNECTOR_ANSWER_INVALID).toBeGreaterThan(0)
      expect(longestTurnMs).toBeLessThan(bounds.longestTurnMs)
      expect(rssMiB).toBeLessThan(bounds.rssMiB)
    },
  )

  it.each([
    ['entry', '302c020102642704187569643d75312c64633d6578616d706c652c64633d636f6d300b30090402636e3104040178'],
    [
      'startTls',
      '302c020101642704187569643d75312c64633d6578616d706c652c64633d636f6d300b30090402636e3104040178',
    ],
  ])(
    'cannot end the process with a value longer than its set, sent as its %s message',
    async (place, bytes) => {
      const { outcomes } = await report(place, '1', '3', bytes)
      expect(outcomes).toEqual({ CONNECTOR_ANSWER_INVALID: 3 })
    },
  )
})
