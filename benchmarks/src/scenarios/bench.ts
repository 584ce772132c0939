import type { Measurement, ResultRow } from '../results/result-row.ts'
import type { CopyClient } from '../server/copy-client.ts'
import type { BenchmarkServer } from '../server/open-server.ts'

/** What scenarios work with. */
export interface Bench {
  readonly server: BenchmarkServer
  readonly copy: CopyClient
  /** Folder for files of the run. */
  readonly folder: string
  readonly rounds: number
  /** Records each process warms up with. */
  readonly warmUpRecords: number
  /** A database to warm up in, with both tables; new in every round. */
  readonly warmUpUrl: () => string
  readonly beginRound: () => Promise<void>
  /** Whether a scenario was asked for. */
  readonly wants: (scenario: string) => boolean
  /** Tells whoever waits what was just measured. */
  readonly step: (what: string, measured?: Measurement) => void
  /** Other ways to measure than the usual, by name. */
  readonly extraWays?: Readonly<Record<string, string>> | undefined
}

/** Scenarios that share their preparation. */
export interface ScenarioGroup {
  readonly names: readonly string[]
  /** Sizes when none are asked for. */
  readonly sizes: readonly number[]
  /** These sizes whatever is asked for. */
  readonly onlySizes?: boolean
  /** The smallest size it is run at. @default none */
  readonly least?: number
  /** The largest size it is run at. @default none */
  readonly most?: number
  /** Whether this machine has what it needs beside PostgreSQL. @default yes */
  available?(): Promise<boolean>
  /** How many steps it will tell of. */
  steps(bench: Bench, records: number): number
  run(bench: Bench, records: number): Promise<readonly ResultRow[]>
}
