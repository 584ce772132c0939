import { styleText } from 'node:util'
import { createLogUpdate } from 'log-update'
import { defaultWidth } from './table.ts'

type Style = Parameters<typeof styleText>[0]

/** Where the CLI writes: results to stdout, progress and remarks to stderr, so that results can be piped. */
export interface Terminal {
  /** A line of the result. */
  print(line: string): void
  /** A line about what is going on. */
  remark(line: string): void
  /** A line that replaces the one before it; only where somebody watches. */
  live(line: string): void
  /** Ends the live line. */
  settle(): void
  /** Whether stderr is a terminal that a person watches. */
  readonly isWatched: boolean
  /** Columns of a line. */
  readonly width: number
  /** Styled for stdout, or plain where that is not a terminal or NO_COLOR is set. */
  style(style: Style, text: string): string
}

export function processTerminal(): Terminal {
  const { stdout, stderr } = process
  const update = createLogUpdate(stderr)
  // Whoever read the results has enough: `syncline resources … | head`.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    print: (line) => void stdout.write(`${line}\n`),
    remark: (line) => void stderr.write(`${line}\n`),
    live(line) {
      if (stderr.isTTY) update(line)
    },
    settle: () => update.done(),
    isWatched: stderr.isTTY,
    get width() {
      return stdout.columns ?? defaultWidth
    },
    style: (style, text) => styleText(style, text, { stream: stdout }),
  }
}
