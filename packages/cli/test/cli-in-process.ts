import { createProgram } from '../src/program.ts'

export interface CommandResult {
  readonly code: number
  /** What was printed, without a final line break. */
  readonly stdout: string
  readonly stderr: string
}

/** Runs one command within this process. @throws what the command throws */
export async function cliInProcess(args: readonly string[], width = 80): Promise<CommandResult> {
  const printed: string[] = []
  const remarks: string[] = []
  let code = 0
  const program = createProgram({
    terminal: {
      print: (line) => void printed.push(line),
      remark: (line) => void remarks.push(line),
      live: () => undefined,
      settle: () => undefined,
      isWatched: false,
      width,
      style: (_, text) => text,
    },
    interruptible: () => new AbortController().signal,
    exit: (last) => {
      code = last
    },
  })
  await program.parseAsync([...args], { from: 'user' })
  return { code, stdout: printed.join('\n'), stderr: remarks.join('\n') }
}
