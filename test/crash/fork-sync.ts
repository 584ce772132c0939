import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

/** A signal that a process sends itself at a statement of its sync. */
export interface Cut {
  /** From 1. */
  readonly statement: number
  /** Before it is sent, or after its answer came. */
  readonly moment: 'before' | 'after'
  /** @default SIGKILL */
  readonly signal?: 'SIGKILL' | 'SIGSTOP' | undefined
}

/** What became of a process that synced. */
interface ChildReport {
  /** Absent when it was killed. `outcome` is the run's status, or the code of what it threw. */
  readonly message: { readonly outcome: string; readonly statements: readonly string[] } | undefined
  readonly signal: NodeJS.Signals | null
}

export interface SyncProcess {
  readonly child: ChildProcess
  readonly ended: Promise<ChildReport>
  /** Resolves when the process is about to send itself its signal. */
  readonly atCut: Promise<void>
}

interface SyncRequest {
  readonly url: string
  readonly connectorId: string
  readonly cut?: Cut | undefined
  readonly lookAhead: number
  /** @default the library's */
  readonly leaseMs?: number | undefined
}

/** A process that runs one sync and may be cut. */
export function forkSync({ url, connectorId, cut, lookAhead, leaseMs }: SyncRequest): SyncProcess {
  const given = { url, connectorId, lookAhead, leaseMs, ...cut }
  const child = fork(join(import.meta.dirname, 'sync.child.ts'), [JSON.stringify(given)], {
    execArgv: ['--conditions=@syncline/source'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const ended = Promise.withResolvers<ChildReport>()
  const atCut = Promise.withResolvers<void>()
  let message: ChildReport['message']
  child.on('message', (sent) => {
    message = sent as typeof message
  })
  child.stdout?.once('data', () => atCut.resolve())
  child.on('exit', (_, signal) => ended.resolve({ message, signal }))
  return { child, ended: ended.promise, atCut: atCut.promise }
}
