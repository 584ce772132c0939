import { type Measurement, resultRow } from '../results/result-row.ts'
import { rotated } from '../results/statistics.ts'
import { pgliteFacts } from '../ways/pglite-timings.ts'
import type { Bench, ScenarioGroup } from './bench.ts'
import { requireExact } from './check-content.ts'
import { measureWork, wayModule } from './measure-work.ts'

const ways = [
  { name: 'Syncline', module: 'pglite-syncline', counts: (n: number) => [n, 0, 0, n, n] },
  { name: 'Kysely upsert', module: 'pglite-kysely', counts: (n: number) => [n] },
] as const
type Way = (typeof ways)[number]

const passes = ['first', 'unchanged'] as const
const scenarioOf = { first: 'PGlite: first load', unchanged: 'PGlite: unchanged' } as const

/** The embedded store, on disk, with the usual upsert beside it. The database's CPU time is in Node's. */
export const pglite: ScenarioGroup = {
  names: Object.values(scenarioOf),
  sizes: [10_000, 100_000],
  most: 100_000,
  steps: ({ rounds }) => rounds * ways.length * passes.length,
  async run(bench, records) {
    const measured = new Map<Way['name'], Both[]>(ways.map(({ name }) => [name, []]))
    for (let round = 0; round < bench.rounds; round++) {
      for (const way of rotated(ways, round)) {
        const both = await measureBoth(bench, way, records)
        for (const pass of passes) bench.step(`${scenarioOf[pass]} · ${way.name}`, both[pass])
        measured.get(way.name)?.push(both)
      }
    }
    return passes
      .filter((pass) => bench.wants(scenarioOf[pass]))
      .map((pass) => {
        const of = (name: Way['name']) => (measured.get(name) ?? []).map((both) => both[pass])
        const rounds = { ours: of('Syncline'), yardsticks: { 'Kysely upsert': of('Kysely upsert') } }
        return resultRow({ scenario: scenarioOf[pass], records }, rounds)
      })
  },
}

type Both = Readonly<Record<(typeof passes)[number], Measurement>>

async function measureBoth(bench: Bench, way: Way, records: number): Promise<Both> {
  const job = { module: wayModule(way.module), input: { records } }
  const { facts, measured } = await measureWork(bench.server, job, records)
  const { first, unchanged, counts } = pgliteFacts.parse(facts)
  requireExact(`${way.name} on PGlite`, counts, way.counts(records))
  const { rssPeakMb } = measured
  return {
    first: { records, ms: first.ms, nodeCpuS: first.cpuS, rssPeakMb },
    unchanged: { records, ms: unchanged.ms, nodeCpuS: unchanged.cpuS, rssPeakMb },
  }
}
