import type { Terminal } from '../terminal.ts'

/** What every command gets besides its own arguments. */
export interface CommandContext {
  readonly terminal: Terminal
  /** For commands that can end early: from now on Ctrl-C aborts the signal; a second one ends the process. */
  interruptible(): AbortSignal
  /** The command's verdict; the last one said counts. */
  exit(code: number): void
}
