import { describe, expect, test } from 'vitest'
import { parseRetention } from '../../src/time/retention.ts'

describe('parseRetention', () => {
  test.each([
    ['1m', 60_000],
    ['90m', 5_400_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['3650d', 315_360_000_000],
  ])('%s is %i ms', (retention, ms) => {
    expect(parseRetention(retention)).toBe(ms)
  })

  test.each([
    '',
    '7',
    'd',
    '0d',
    '07d',
    '-1d',
    '+1d',
    '1.5h',
    '1e3m',
    '7 d',
    ' 7d',
    '7d\n',
    '7D',
    '7s',
    '7y',
    '7days',
    '7d7h',
    '٧d',
    '3651d',
    '522w',
    `${'9'.repeat(400)}m`,
  ])('%j is refused', (retention) => {
    expect(() => parseRetention(retention)).toThrow(expect.objectContaining({ code: 'RETENTION_INVALID' }))
  })

  test('the refusal says what, where and what to do', () => {
    expect(() => parseRetention('7 days')).toThrow(/staleRetention: "7 days" .*such as "7d"/)
  })
})
