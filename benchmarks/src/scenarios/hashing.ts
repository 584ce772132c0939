import { type Measurement, resultRow } from '../results/result-row.ts'
import { rotated } from '../results/statistics.ts'
import type { Bench, ScenarioGroup } from './bench.ts'
import { requireExact } from './check-content.ts'
import { measureWork, wayModule } from './measure-work.ts'

const hashOnly = 'hash: canonical JSON and SHA-256'
const engine = 'hash: sanitise to hash, no database'

const ways = [
  { way: 'ours', name: hashOnly },
  { way: 'engine', name: engine },
  { way: 'usual', name: 'hash: sorted clone and createHash' },
] as const
type Way = (typeof ways)[number]['way']

/** One core, no database: prepared records of 406 bytes. */
export const hashing: ScenarioGroup = {
  names: [hashOnly, engine],
  sizes: [100_000],
  steps: ({ rounds }) => rounds * ways.length,
  async run(bench, records) {
    const measured = new Map<Way, Measurement[]>(ways.map(({ way }) => [way, []]))
    for (let round = 0; round < bench.rounds; round++) {
      for (const { way, name } of rotated(ways, round)) {
        const one = await measureHashing(bench, way, records)
        bench.step(name, one)
        measured.get(way)?.push(one)
      }
    }
    const of = (way: Way): Measurement[] => measured.get(way) ?? []
    const yardsticks = { 'sorted clone and createHash': of('usual') }
    return [
      resultRow({ scenario: hashOnly, records }, { ours: of('ours'), yardsticks }),
      resultRow({ scenario: engine, records }, { ours: of('engine'), yardsticks }),
    ].filter(({ scenario }) => bench.wants(scenario))
  },
}

async function measureHashing(bench: Bench, way: Way, records: number): Promise<Measurement> {
  const { warmUpRecords } = bench
  const job = { module: wayModule('fingerprints'), input: { records, warmUpRecords, way } }
  const { measured, facts } = await measureWork(bench.server, job, records)
  requireExact(`Records of ${way}`, facts, { counted: records })
  const { ms, nodeCpuS, rssPeakMb } = measured
  return { records, ms, nodeCpuS, rssPeakMb }
}
