import { describe, expect, test } from 'vitest'
import { demoReport } from '../src/demo/demo-report.ts'
import type { Terminal } from '../src/terminal.ts'
import { runCli } from './run-cli.ts'

test('the demo tells its whole story with every check passed', async () => {
  const { code, stdout, stderr } = await runCli(['demo', '--people', '1000', '--groups', '20'])
  expect(stderr).not.toContain('FAILED')
  expect(stdout.match(/^\d {2}/gm)).toHaveLength(6)
  expect(stdout).toContain('killed by SIGKILL')
  expect(stdout).toMatch(/\n19 checks, all passed\n$/)
  expect(code).toBe(0)
})

describe('a failed check', () => {
  test('is shown with what was found and expected, and fails the demo', () => {
    const lines: string[] = []
    const terminal: Terminal = {
      print: (line) => lines.push(line),
      remark: () => undefined,
      live: () => undefined,
      settle: () => undefined,
      isWatched: false,
      width: 80,
      style: (_, text) => text,
    }
    const report = demoReport(terminal)
    report.check('two and two', 5, 4)
    report.check('one', 1, 1)
    expect(report.conclude()).toBe(false)
    expect(lines).toEqual([
      '   FAILED two and two: found 5, expected 4',
      '   ok     one',
      '\n2 checks, 1 FAILED',
    ])
  })
})
