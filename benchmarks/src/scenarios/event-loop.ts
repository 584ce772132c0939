import { type Measurement, resultRow } from '../results/result-row.ts'
import { bigPageFacts } from '../ways/big-page.ts'
import type { ScenarioGroup } from './bench.ts'
import { requireExact } from './check-content.ts'
import { measureWork, wayModule } from './measure-work.ts'

const name = 'event loop: longest block, one page of 5 MB'

/** About 5 MB of JSON; the size of this scenario whatever sizes are asked for. */
const inFiveMegabytes = 12_300

/** What else the process can do while a large page is synced. */
export const eventLoop: ScenarioGroup = {
  names: [name],
  sizes: [inFiveMegabytes],
  onlySizes: true,
  steps: ({ rounds }) => rounds,
  async run(bench, records) {
    const ours: Measurement[] = []
    const parsing: Measurement[] = []
    for (let round = 0; round < bench.rounds; round++) {
      await bench.beginRound()
      const url = await bench.server.createDatabase('big_page')
      const { warmUpRecords } = bench
      const input = { url, warmUpUrl: bench.warmUpUrl(), warmUpRecords, records }
      const { measured, facts } = await measureWork(
        bench.server,
        { module: wayModule('big-page'), input },
        records,
      )
      const { added, blockedMs, parseMs } = bigPageFacts.parse(facts)
      requireExact('Records of one page', added, records)
      bench.step(`${name} ${Math.round(blockedMs)} ms`)
      ours.push({ ...measured, ms: blockedMs })
      parsing.push({ records, ms: parseMs })
    }
    const yardsticks = { 'JSON.parse of the page': parsing }
    return [resultRow({ scenario: name, records, unit: 'ms' }, { ours, yardsticks })]
  },
}
