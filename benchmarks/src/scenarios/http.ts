import { buildSearchIndex } from '@syncline/adapter-postgres'
import pg from 'pg'
import { startWork } from '../processes/start-work.ts'
import { type Measurement, type ResultRow, resultRow, significant } from '../results/result-row.ts'
import { quantile, rotated } from '../results/statistics.ts'
import { vacuum } from '../server/vacuum.ts'
import { type LoadInput, loadFacts } from '../ways/http-load.ts'
import { serverFacts } from '../ways/http-server.ts'
import { loadStates } from '../ways/load-states.ts'
import type { Bench, ScenarioGroup } from './bench.ts'
import { requireExact } from './check-content.ts'
import { wayModule } from './measure-work.ts'

type Load = Pick<LoadInput, 'kind' | 'connections' | 'requests' | 'rate'>
type Server = ReturnType<typeof serverFacts.parse>

/** Requests of one round. */
const loads: Readonly<Record<string, Load>> = {
  'http: list': { kind: 'list', connections: 4, requests: 1_000 },
  'http: search': { kind: 'search', connections: 4, requests: 600 },
  'http: webhook at 200/s': { kind: 'webhook', connections: 20, requests: 2_000, rate: 200 },
}
const overhead = 'http: page of 20, one at a time'
const beside = ['plugin', 'bare', 'looked-up'] as const
const besideRequests = 1_000
const warmUpRequests = 200

/** A real client in a process of its own against a server in another: 1 % of what it lists is stale. */
export const http: ScenarioGroup = {
  names: [...Object.keys(loads), overhead],
  sizes: [300_000],
  steps: ({ rounds, wants }) =>
    1 + rounds * (Object.keys(loads).filter(wants).length + (wants(overhead) ? beside.length : 0)),
  async run(bench, records) {
    const url = await bench.server.createDatabase('http')
    await loadStates(url, [
      { records, steps: [] },
      { records, steps: ['hundredth-gone'] },
    ])
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    await buildSearchIndex({ pool })
    await pool.end()
    await vacuum(url)
    bench.step('loaded, for the HTTP API')
    const host = await startWork({ module: wayModule('http-server'), input: { url } })
    try {
      await host.run()
      const server = serverFacts.parse(await host.facts())
      return await measure(bench, server, records)
    } finally {
      await host.close()
    }
  },
}

async function measure(bench: Bench, server: Server, records: number): Promise<ResultRow[]> {
  const rows: ResultRow[] = []
  for (const [scenario, load] of Object.entries(loads)) {
    if (!bench.wants(scenario)) continue
    const times: number[] = []
    for (let round = 0; round < bench.rounds; round++) {
      const measured = await answers(bench, { server, records, load })
      bench.step(`${scenario}, p95 ${quantile(measured.times, 0.95).toFixed(1)} ms`)
      times.push(...measured.times)
    }
    const ours = times.map((ms) => ({ records: 1, ms }))
    rows.push(resultRow({ scenario, records, unit: 'ms', extra: tails(times) }, { ours, yardsticks: {} }))
  }
  if (bench.wants(overhead)) rows.push(await besideBareRoute(bench, server, records))
  return rows
}

/** All ways take turns; a ratio is that of the summed times of one round. */
async function besideBareRoute(bench: Bench, server: Server, records: number): Promise<ResultRow> {
  const measured: Record<(typeof beside)[number], Measurement[]> = { plugin: [], bare: [], 'looked-up': [] }
  for (let round = 0; round < bench.rounds; round++) {
    for (const kind of rotated(beside, round)) {
      const load = { kind, connections: 1, requests: besideRequests }
      const { times } = await answers(bench, { server, records, load })
      bench.step(`${overhead}, ${kind} ${quantile(times, 0.5).toFixed(2)} ms`)
      // The client looks whether it is over once a second only.
      measured[kind].push({ records: besideRequests, ms: times.reduce((sum, time) => sum + time, 0) })
    }
  }
  const yardsticks = { 'bare route': measured.bare, 'bare route with look-up': measured['looked-up'] }
  return resultRow({ scenario: overhead, records }, { ours: measured.plugin, yardsticks })
}

async function answers(
  bench: Bench,
  { server, records, load }: { readonly server: Server; readonly records: number; readonly load: Load },
): Promise<{ readonly times: readonly number[] }> {
  const input: LoadInput = { ...server, ...load, records, warmUpRequests }
  const client = await startWork({ module: wayModule('http-load'), input })
  try {
    await client.run()
    const facts = loadFacts.parse(await client.facts())
    requireExact(
      `Answers to ${load.kind}`,
      { answered: facts.ms.length, failed: facts.failed },
      {
        answered: load.requests,
        failed: 0,
      },
    )
    return { times: facts.ms }
  } finally {
    await client.close()
  }
}

const tails = (times: readonly number[]): Record<string, number> => ({
  p50_ms: significant(quantile(times, 0.5)),
  p95_ms: significant(quantile(times, 0.95)),
  p99_ms: significant(quantile(times, 0.99)),
})
