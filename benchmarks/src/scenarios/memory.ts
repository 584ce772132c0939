import { type Measurement, resultRow } from '../results/result-row.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import type { Bench, ScenarioGroup } from './bench.ts'
import { synclineWay } from './pass-ways.ts'

/** What Node 20 allows young objects; Node 24 allows more the more memory the machine has, whoever needs it. */
const youngMb = 16

const passes = ['memory: first load', 'memory: unchanged'] as const

/** The same passes in a process whose young objects have a bound: what the library needs, not what V8 takes. */
export const memory: ScenarioGroup = {
  names: passes,
  sizes: [100_000, 1_000_000],
  steps: () => passes.length * 2,
  async run(bench, records) {
    await bench.beginRound()
    const bound = await runPasses(bench, records, youngMb)
    const unbound = await runPasses(bench, records)
    return passes
      .filter((scenario) => bench.wants(scenario))
      .map((scenario) => {
        const yardsticks = { 'no bound': unbound.get(scenario) ?? [] }
        return resultRow({ scenario, records }, { ours: bound.get(scenario) ?? [], yardsticks })
      })
  },
}

async function runPasses(
  bench: Bench,
  records: number,
  young?: number,
): Promise<ReadonlyMap<string, readonly Measurement[]>> {
  const way = synclineWay(bench, young)
  await way.begin()
  const history: UpstreamState[] = []
  const measured = new Map<string, readonly Measurement[]>()
  for (const name of passes) {
    history.push({ records, steps: [] })
    const one = await way.pass([...history])
    bench.step(`${name}${young === undefined ? ', no bound' : ''}`, one)
    measured.set(name, [one])
  }
  return measured
}
