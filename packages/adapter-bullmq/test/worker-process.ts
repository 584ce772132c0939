import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'

interface Said {
  readonly what: 'working' | 'started' | 'ended' | 'aborted' | 'unblocked' | 'uncaught' | 'closed'
  readonly at: number
  readonly n?: number
  readonly failures?: number
  readonly code?: string
  readonly message?: string
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly said: readonly Said[]
  count(what: Said['what']): number
  /** When it said so, in milliseconds since 1970. */
  instants(what: Said['what']): number[]
  /** Lets the jobs that are told to hold go on. */
  release(): void
  kill(): Promise<void>
  /** Stops it as a host does; resolves when the process is gone. */
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

export async function startWorker(url: string, prefix: string, lockMs: number): Promise<WorkerProcess> {
  const child = fork(join(import.meta.dirname, 'worker.child.ts'), [url, prefix, String(lockMs)], {
    execArgv: ['--conditions=@syncline/source'],
    stdio: 'inherit',
  })
  running.add(child)
  const gone = once(child, 'exit').then(() => running.delete(child))
  const said: Said[] = []
  child.on('message', (message) => said.push(message as Said))
  const count = (what: Said['what']): number => said.filter((one) => one.what === what).length
  await expect.poll(() => count('working'), { timeout: 20_000 }).toBe(1)
  return {
    said,
    count,
    instants: (what) => said.filter((one) => one.what === what).map(({ at }) => at),
    release: () => void child.send('release'),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    async stop() {
      child.send('stop')
      await gone
    },
  }
}
