import { type Measurement, resultRow } from '../results/result-row.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import type { ScenarioGroup } from './bench.ts'
import { synclineWay } from './pass-ways.ts'

/** What Node 20 allows young objects; Node 24 allows more the more memory the machine has, whoever needs it. */
const youngMb = 16

const passes = ['memory: first load', 'memory: unchanged'] as const

/** The same passes in a process whose young objects have a bound: what the library needs, not what V8 takes. */
export const memory: ScenarioGroup = {
  names: passes,
  sizes: [100_000, 1_000_000],
  steps: () => passes.length,
  async run(bench, records) {
    await bench.beginRound()
    const way = synclineWay(bench, youngMb)
    await way.begin()
    const history: UpstreamState[] = []
    const measured: Measurement[] = []
    for (const name of passes) {
      history.push({ records, steps: [] })
      const one = await way.pass([...history])
      bench.step(name, one)
      measured.push(one)
    }
    return passes.flatMap((scenario, place) => {
      const one = measured[place]
      return one && bench.wants(scenario)
        ? [resultRow({ scenario, records }, { ours: [one], yardsticks: {} })]
        : []
    })
  },
}
