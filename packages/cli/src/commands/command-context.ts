import type { Terminal } from '../terminal.ts'

/** What every command gets besides its own arguments. */
export interface CommandContext {
  readonly terminal: Terminal
  /** Aborts when the user asks the process to end. */
  readonly interrupted: AbortSignal
  /** The command's verdict; the last one said counts. */
  exit(code: number): void
}
