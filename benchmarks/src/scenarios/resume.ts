import { type Measurement, resultRow } from '../results/result-row.ts'
import { rotated } from '../results/statistics.ts'
import { expectedContent } from '../upstream/expected.ts'
import { numbersOf, type UpstreamState } from '../upstream/upstream-state.ts'
import { pageSize } from '../ways/pass-input.ts'
import type { Bench, ScenarioGroup } from './bench.ts'
import { readContent, requireExact } from './check-content.ts'
import { measureWork, wayModule } from './measure-work.ts'
import { expectedFacts, synclineWay } from './pass-ways.ts'

const name = 'resume: first load cut at half'

/** Pages asked for twice: the first that was not committed, and one fetched ahead. */
const askedTwice = 2

/** A first load in two runs, beside one in one run. */
export const resume: ScenarioGroup = {
  names: [name],
  sizes: [100_000],
  least: 2 * pageSize,
  steps: ({ rounds }) => 2 * rounds,
  async run(bench, records) {
    const state: UpstreamState = { records, steps: [] }
    const ours: Measurement[] = []
    const inOne: Measurement[] = []
    const whole = synclineWay(bench)
    for (let round = 0; round < bench.rounds; round++) {
      await bench.beginRound()
      const ways = [
        async () => {
          const measured = await measureResume(bench, state)
          bench.step(name, measured)
          ours.push(measured)
        },
        async () => {
          await whole.begin()
          const measured = await whole.pass([state])
          bench.step(`${name} · in one run`, measured)
          inOne.push(measured)
        },
      ]
      for (const way of rotated(ways, round)) await way()
    }
    return [resultRow({ scenario: name, records }, { ours, yardsticks: { 'in one run': inOne } })]
  },
}

async function measureResume(bench: Bench, state: UpstreamState): Promise<Measurement> {
  const url = await bench.server.createDatabase('resume')
  const input = { url, warmUpUrl: bench.warmUpUrl(), warmUpRecords: bench.warmUpRecords, state }
  const { measured, facts } = await measureWork(
    bench.server,
    {
      module: wayModule('syncline-resume'),
      input,
    },
    state.records,
  )
  const { listed, ...exact } = facts
  requireExact('A resumed first load', exact, { cut: 'cancelled', resumed: true, ...expectedFacts([state]) })
  const most = Math.ceil(numbersOf(state) / pageSize) + askedTwice
  requireExact(`At most ${most} pages listed`, Number(listed) <= most, true)
  const content = await readContent(url, 'syncline.connector_resource')
  requireExact('Rows of a resumed first load', content, expectedContent([state]))
  return measured
}
