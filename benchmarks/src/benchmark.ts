import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@syncline/adapter-postgres'
import pg from 'pg'
import { type Environment, environmentOf } from './environment.ts'
import type { Measurement, ResultRow } from './results/result-row.ts'
import type { Bench, ScenarioGroup } from './scenarios/bench.ts'
import { scenarioGroups } from './scenarios/index.ts'
import { findCopyClient } from './server/copy-client.ts'
import { type BenchmarkServer, openServer } from './server/open-server.ts'
import { query } from './server/query.ts'
import { ordinaryTable } from './ways/ordinary-table.ts'

export interface BenchmarkRequest {
  /** Sizes in records; absent: those of each scenario. */
  readonly records?: readonly number[] | undefined
  readonly only: RegExp
  readonly rounds: number
  readonly database?: string | undefined
  /** Records each process warms up with before its clock starts. @default 3000 */
  readonly warmUpRecords?: number | undefined
  /** More ways on the ordinary table, by name: modules like those in `ways/`. */
  readonly extraWays?: Readonly<Record<string, string>> | undefined
  readonly onStep?: (step: Step) => void
  /** Ends the benchmark after the step it is at. */
  readonly signal?: AbortSignal | undefined
}

/** What was just done. */
export interface Step {
  readonly records: number
  readonly what: string
  readonly measured?: Measurement | undefined
  /** Steps done, this one included, of all. */
  readonly done: number
  readonly planned: number
}

export interface BenchmarkResult {
  readonly environment: Environment
  readonly rows: readonly ResultRow[]
}

/** Measures what is asked for. Rejects as soon as a single count is not exact. */
export async function benchmark(request: BenchmarkRequest): Promise<BenchmarkResult> {
  const parts = await planParts(request)
  const folder = mkdtempSync(join(tmpdir(), 'syncline-bench-'))
  const copy = findCopyClient()
  const server = await openServer(request.database)
  try {
    await migratedDatabase(server, 'migrated')
    let done = 0
    const benches = parts.map((part) => {
      const step: Bench['step'] = (what, measured) => {
        request.onStep?.({ records: part.records, what, measured, done: ++done, planned })
        request.signal?.throwIfAborted()
      }
      return { ...part, bench: benchOf(request, { server, copy, folder, step }) }
    })
    const planned = benches.reduce((sum, { group, bench, records }) => sum + group.steps(bench, records), 0)
    const rows: ResultRow[] = []
    for (const { group, bench, records } of benches) rows.push(...(await group.run(bench, records)))
    return { environment: environmentOf(server, copy), rows }
  } finally {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Part {
  readonly group: ScenarioGroup
  readonly records: number
}

/** Every group that was asked for, at every size. @throws Error when that is nothing */
async function planParts({ only, records }: BenchmarkRequest): Promise<Part[]> {
  const parts: Part[] = []
  for (const group of scenarioGroups.filter(({ names }) => names.some((name) => only.test(name)))) {
    if (!((await group.available?.()) ?? true)) continue
    const sizes = group.onlySizes ? group.sizes : (records ?? group.sizes)
    const measured = sizes.filter((size) => size >= (group.least ?? size) && size <= (group.most ?? size))
    parts.push(...measured.map((size) => ({ group, records: size })))
  }
  if (parts.length > 0) return parts
  const names = scenarioGroups.flatMap((group) => group.names).join('\n  ')
  throw new Error(`Nothing to measure: no scenario of that name at that size. There are:\n  ${names}`)
}

function benchOf(
  request: BenchmarkRequest,
  parts: Pick<Bench, 'server' | 'copy' | 'folder' | 'step'>,
): Bench {
  const { server } = parts
  let warmUpUrl = ''
  return {
    ...parts,
    rounds: request.rounds,
    warmUpRecords: request.warmUpRecords ?? 30_000,
    extraWays: request.extraWays,
    wants: (scenario) => request.only.test(scenario),
    warmUpUrl: () => warmUpUrl,
    async beginRound() {
      warmUpUrl = await server.createDatabase('warmup', 'migrated')
      await query(warmUpUrl, ...ordinaryTable)
    },
  }
}

async function migratedDatabase(server: BenchmarkServer, name: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: await server.createDatabase(name), max: 1 })
  await migrate({ pool })
  await pool.end()
}
