import { isDeepStrictEqual } from 'node:util'
import type { Terminal } from '../terminal.ts'

/** Tells the demo's story: chapters, facts, and checks that are counted. */
export interface DemoReport {
  chapter(title: string): void
  fact(text: string): void
  /** Prints what was expected and found; `found` comes from the store. */
  check(what: string, found: unknown, expected: unknown): void
  /** Says how many checks there were; false when any failed. */
  conclude(): boolean
}

export function demoReport(terminal: Terminal): DemoReport {
  let passed = 0
  let failed = 0
  let chapters = 0
  return {
    chapter(title) {
      chapters += 1
      terminal.print(`\n${terminal.style('bold', `${chapters}  ${title}`)}`)
    },
    fact: (text) => terminal.print(`   ${text}`),
    check(what, found, expected) {
      const holds = isDeepStrictEqual(found, expected)
      if (holds) passed += 1
      else failed += 1
      const mark = holds ? terminal.style('green', 'ok    ') : terminal.style('red', 'FAILED')
      const why = holds ? '' : `: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`
      terminal.print(`   ${mark} ${what}${why}`)
    },
    conclude() {
      const verdict =
        failed === 0 ? terminal.style('green', 'all passed') : terminal.style('red', `${failed} FAILED`)
      terminal.print(`\n${passed + failed} ${passed + failed === 1 ? 'check' : 'checks'}, ${verdict}`)
      return failed === 0
    },
  }
}
