import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import type { CopyClient } from './server/copy-client.ts'
import type { BenchmarkServer } from './server/open-server.ts'

/** Where and on what figures were measured. */
export interface Environment {
  /** ISO day. */
  readonly measured_on: string
  /** The commit, `-dirty` with changes; null where git cannot say. */
  readonly code: string | null
  readonly node: string
  readonly platform: string
  readonly cores: number
  readonly cpu: string
  /** `private` is the benchmark's own server. */
  readonly server: 'given' | 'private'
  readonly server_settings: Readonly<Record<string, string>>
  /** Whether there was a checkpoint before every measured write. */
  readonly checkpoints: boolean
  /** What the yardstick COPY was done with. */
  readonly copy_client: string
}

export function environmentOf(server: BenchmarkServer, copy: CopyClient): Environment {
  const processors = cpus()
  return {
    measured_on: new Date().toISOString().slice(0, 10),
    code: describeCode(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: processors.length,
    cpu: processors[0]?.model ?? 'unknown',
    server: server.from,
    server_settings: server.settings,
    checkpoints: server.hasCheckpoints,
    copy_client: copy.name,
  }
}

function describeCode(): string | null {
  const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty', '--exclude=*'], options)
  return status === 0 ? stdout.trim() : null
}
