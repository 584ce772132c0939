import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRetryAfter } from '../../src/time/retry-after.ts'

const now = new Date('1994-11-06T08:49:00.000Z')

const minute = 60_000

const table: readonly (readonly [value: string, ms: number | undefined])[] = [
  ['0', 0],
  ['1', 1_000],
  ['120', 120_000],
  [' 120 ', 120_000],
  ['007', 7_000],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  ['Wed Nov 16 08:49:00 1994', 864_000_000],
  ['Sat, 31 Dec 1994 23:59:60 GMT', Date.UTC(1995, 0, 1) - now.getTime()],
  ['Sun, 06 Nov 1994 08:48:59 GMT', 0],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['', undefined],
  ['   ', undefined],
  // Fractions are rounded up.
  ['1.5', 1_500],
  ['7.5', 7_500],
  ['0.493', 493],
  ['0.0001', 1],
  ['.25', 250],
  // Units.
  ['120s', 120_000],
  ['120 seconds', 120_000],
  ['500ms', 500],
  ['2 min', 120_000],
  ['1 hour', 3_600_000],
  // Joined values: the longest counts.
  ['2814, 2', 2_814_000],
  ['120, 130', 130_000],
  ['120,', 120_000],
  ['5, Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sun, 06 Nov 1994 08:49:37 GMT, 120', 120_000],
  ['Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:50:37 GMT', 97_000],
  // Quotes and semicolons around a number.
  ['"300"', 300_000],
  ['300;', 300_000],
  ['soon, 120', 120_000],
  ['soon, 5', minute],
  // Dates outside of the RFC.
  ['1994-11-06T08:49:37Z', 37_000],
  ['1994-11-06T08:49:37.5Z', 37_000],
  ['1994-11-06 09:49:37+01:00', 37_000],
  ['Sun, 6 Nov 1994 08:49:37 GMT', 37_000],
  ['06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sun, 06 Nov 1994 08:49:37', 37_000],
  ['Sun, 06 Nov 1994 08:49:37 UTC', 37_000],
  ['Sun, 06 Nov 1994 09:49:37 +0100', 37_000],
  ['Sun, 06 November 1994 08:49:37 GMT', 37_000],
  // Not understood: never sooner than a minute.
  ['-1', minute],
  ['+1', minute],
  ['1e3', minute],
  ['0x10', minute],
  ['12 parsecs', minute],
  ['soon', minute],
  [',', minute],
  ['null', minute],
  ['Sun, 31 Feb 1994 08:49:37 GMT', minute],
  ['Sun, 00 Nov 1994 08:49:37 GMT', minute],
  ['Sun, 99 Nov 1994 08:49:37 GMT', minute],
  ['Sun, 06 Foo 1994 08:49:37 GMT', minute],
  ['Sun, 06 Nov 1994 25:49:37 GMT', minute],
  ['Sun, 06 Nov 1994 08:61:37 GMT', minute],
  ['1994-13-06T08:49:37Z', minute],
]

describe('parseRetryAfter', () => {
  test.each(table)('%j asks for %s ms', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms)
  })

  test('no header asks for nothing', () => {
    expect(parseRetryAfter(undefined, now)).toBeUndefined()
    expect(parseRetryAfter(null, now)).toBeUndefined()
  })

  test('a two-digit year is at most 50 years ahead', () => {
    const today = new Date('2026-01-01T00:00:00.000Z')
    expect(parseRetryAfter('Wednesday, 01-Jan-76 00:00:00 GMT', today)).toBeGreaterThan(0)
    expect(parseRetryAfter('Saturday, 01-Jan-77 00:00:00 GMT', today)).toBe(0)
  })

  test('a huge delay stays a finite number', () => {
    const ms = parseRetryAfter('9'.repeat(400), now)
    expect(ms).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('any instant comes back from its own header, to the second', () => {
    const instants = fc.date({
      min: new Date('1994-11-06T08:49:00.000Z'),
      max: new Date('9999-12-31T23:59:59.000Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(instants, (at) => {
        const wholeSeconds = Math.floor(at.getTime() / 1000) * 1000
        expect(parseRetryAfter(at.toUTCString(), now)).toBe(wholeSeconds - now.getTime())
      }),
    )
  })

  test('never throws, and never answers less than 0 or more than a number can say', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const ms = parseRetryAfter(value, now)
        expect(ms === undefined || (ms >= 0 && Number.isSafeInteger(ms))).toBe(true)
      }),
    )
  })
})
