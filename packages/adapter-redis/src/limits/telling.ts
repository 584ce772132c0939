import type { LaneOptions } from './lane-options.ts'
import type { OwnUse } from './own-use.ts'

/** Sees to it that the server knows what this process has started and ended. */
export interface Telling {
  /** What it was told last; nothing counts for it that was told to an earlier epoch. */
  readonly epoch: string
  readonly isDue: boolean
  /** The server has this epoch and knows all. */
  agree(epoch: string): void
  /** With the next question, or by itself where none comes. */
  must(): void
  /** False when the server is away. */
  tell(): Promise<boolean>
  close(): void
}

const repairMs = 1_000

export function createTelling({ key, server, clock }: LaneOptions, use: OwnUse): Telling {
  let epoch = ''
  let due = false
  let stopRepair: (() => void) | undefined
  let closed = false
  const tell = async (): Promise<boolean> => {
    due = false
    const report = use.report(clock.now())
    const told = await server.report(key, report.values)
    if (told === undefined) {
      must()
      return false
    }
    epoch = told
    report.delivered()
    return true
  }
  const must = (): void => {
    due = true
    if (closed || stopRepair) return
    stopRepair = clock.after(repairMs, () => {
      stopRepair = undefined
      if (!due) return
      if (use.isIdle(clock.now())) due = false
      else void tell()
    })
  }
  return {
    get epoch() {
      return epoch
    },
    get isDue() {
      return due
    },
    agree(agreed) {
      epoch = agreed
    },
    must,
    tell,
    close() {
      closed = true
      stopRepair?.()
    },
  }
}
