#!/usr/bin/env node
import { CommanderError } from 'commander'
import { errorLine, errorStack } from './error-line.ts'
import { exitCodeOfError, exitCodes } from './exit-code.ts'
import { createProgram } from './program.ts'
import { processTerminal } from './terminal.ts'

function interruptible(): AbortSignal {
  const interruption = new AbortController()
  process.once('SIGINT', () => {
    // The terminal shows ^C; what follows begins on a line of its own.
    if (process.stderr.isTTY) process.stderr.write('\n')
    interruption.abort()
    process.once('SIGINT', () => process.exit(130))
  })
  process.once('SIGTERM', () => interruption.abort())
  return interruption.signal
}

const terminal = processTerminal()
const program = createProgram({
  terminal,
  interruptible,
  exit: (code) => {
    process.exitCode = code
  },
})
for (const command of [
  program,
  ...program.commands,
  ...program.commands.flatMap(({ commands }) => commands),
]) {
  command.exitOverride()
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.success : exitCodes.usage
  } else {
    terminal.settle()
    terminal.remark(program.opts<{ debug?: boolean }>().debug ? errorStack(error) : errorLine(error))
    process.exitCode = exitCodeOfError(error)
  }
}
