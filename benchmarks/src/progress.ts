import type { Step } from './benchmark.ts'
import { count, formatSize } from './format.ts'

const barWidth = 30

/** A line for every step; in a terminal a bar below them. */
export function showSteps(output: NodeJS.WriteStream): (step: Step) => void {
  const began = performance.now()
  return ({ records, what, measured, done, planned }) => {
    const seconds = Math.round((performance.now() - began) / 1_000)
    const rate = measured ? `  ${count((measured.records / measured.ms) * 1_000)}/s` : ''
    const line = `${String(seconds).padStart(5)} s  ${formatSize(records).padStart(5)}  ${what}${rate}`
    if (!output.isTTY) {
      output.write(`${line}\n`)
      return
    }
    const full = Math.round((done / planned) * barWidth)
    const bar = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${done} of ${planned} steps`
    output.write(`\r\u001B[K${line}\n${done < planned ? bar : ''}`)
  }
}
