import type { Clock } from '../ports/clock.ts'

/** The longest delay a timer of Node takes; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1

/** The process's own time. Its timers keep the process alive: a wait of a run is work under way. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason)
        return
      }
      const cancel = startTimer(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      const onAbort = (): void => {
        cancel()
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
  after: startTimer,
}

/** Long delays are waited for in pieces. */
function startTimer(ms: number, callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  const wait = (leftMs: number): void => {
    const pieceMs = Math.min(leftMs, maxTimerMs)
    timer = setTimeout(() => (leftMs > pieceMs ? wait(leftMs - pieceMs) : callback()), pieceMs)
  }
  wait(ms)
  return () => clearTimeout(timer)
}
