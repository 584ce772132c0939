import { describe, expect, test } from 'vitest'
import { nextTick, parseCron } from '../../src/time/cron.ts'

const refusal = expect.objectContaining({ code: 'CRON_INVALID' })
const after = new Date('2026-01-01T00:00:00.000Z')

describe('parseCron', () => {
  test.each(['0 */6 * * *', '* * * * *', '15 3 * * MON-FRI', '0 0 1,15 * *', '0 0 29 2 *', '0\t0 * * *'])(
    '%j is a schedule',
    (pattern) => {
      expect(parseCron(pattern)).toBe(pattern)
    },
  )

  test.each([
    ['nothing', ''],
    ['four fields', '* * * *'],
    ['seconds', '0 0 0 * * *'],
    ['a nickname', '@daily'],
    ['a date', '2026-01-01T00:00:00'],
    ['a minute there is not', '60 * * * *'],
    ['a step of zero', '*/0 * * * *'],
    ['a day that never comes', '0 0 30 2 *'],
    ['a mark that means another minute on every start', '? * * * *'],
    ['words', 'every day at ten o’clock'],
    ['an endless list', `0 0 ${'1,'.repeat(100)}1 * *`],
  ])('%s is refused', (_, pattern) => {
    expect(() => parseCron(pattern)).toThrow(refusal)
  })

  test('the refusal says what, where and what to do', () => {
    expect(() => parseCron('61 * * * *')).toThrow(/cronSchedule: "61 \* \* \* \*" .*61.*five fields/)
  })
})

describe('nextTick', () => {
  test.each([
    ['0 */6 * * *', '2026-01-01T06:00:00.000Z'],
    ['* * * * *', '2026-01-01T00:01:00.000Z'],
    ['0 0 * * *', '2026-01-02T00:00:00.000Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00.000Z'],
  ])('%s is due next at %s', (pattern, at) => {
    expect(nextTick(pattern, after)).toEqual(new Date(at))
  })

  test('is read in UTC: where clocks change, no tick is lost or doubled', () => {
    // 2026-03-29 01:00 UTC is when Central Europe skips an hour.
    const first = nextTick('30 * * * *', new Date('2026-03-29T00:45:00.000Z'))
    expect(first).toEqual(new Date('2026-03-29T01:30:00.000Z'))
    expect(nextTick('30 * * * *', first ?? after)).toEqual(new Date('2026-03-29T02:30:00.000Z'))
  })

  test('a bad schedule is refused here too', () => {
    expect(() => nextTick('nonsense', after)).toThrow(refusal)
  })
})
