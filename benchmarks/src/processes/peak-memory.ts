import { readFileSync, writeFileSync } from 'node:fs'

const sampleMs = 5
const mb = 2 ** 20

export const residentMb = (): number => process.memoryUsage.rss() / mb

/**
 * Follows the highest resident memory from now on. Linux keeps it exactly and can be told to begin anew; elsewhere
 * it is sampled, which misses peaks while the event loop is busy.
 */
export function watchPeakMemory(): () => number {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    return () => {
      const [, kilobytes = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
      return Number(kilobytes) / 1_024
    }
  } catch {
    let peak = residentMb()
    const timer = setInterval(() => {
      peak = Math.max(peak, residentMb())
    }, sampleMs)
    return () => {
      clearInterval(timer)
      return Math.max(peak, residentMb())
    }
  }
}
