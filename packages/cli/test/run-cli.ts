import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { join } from 'node:path'

export interface CliResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const main = join(import.meta.dirname, '../src/main.ts')

/** Runs the real command line in a process of its own. */
export function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd?: string,
): Promise<CliResult> {
  const { promise, resolve } = Promise.withResolvers<CliResult>()
  const child = execFile(
    process.execPath,
    ['--conditions=@syncline/source', main, ...args],
    { env: { ...process.env, NO_COLOR: '1', ...env }, maxBuffer: 2 ** 24, cwd },
    (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
  )
  return promise
}

/** Starts the real command line and leaves it running. */
export const spawnCli = (
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, ['--conditions=@syncline/source', main, ...args], {
    env: { ...process.env, ...env },
  })
