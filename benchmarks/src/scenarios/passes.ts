import { type Measurement, type ResultRow, resultRow } from '../results/result-row.ts'
import { rotated } from '../results/statistics.ts'
import type { UpstreamState, UpstreamStep } from '../upstream/upstream-state.ts'
import type { Bench, ScenarioGroup } from './bench.ts'
import { wayModule } from './measure-work.ts'
import { copyWays, ordinaryWay, type PassWay, synclineWay } from './pass-ways.ts'

/** In this order within a round: each goes on where the one before it left the databases. */
const passScenarios: readonly { readonly name: string; readonly step?: UpstreamStep }[] = [
  { name: 'first load' },
  { name: 'unchanged' },
  { name: 'mixed', step: 'mixed' },
  { name: 'changed 10 %', step: 'tenth-changed' },
]

/** The naive loop is slow: beyond this many records it is not run. */
const rowByRowLimit = 10_000

/** Full syncs: first load, nothing changed, 1 % changed with 0.1 % new and gone, 10 % changed. */
export const passes: ScenarioGroup = {
  names: passScenarios.map(({ name }) => name),
  sizes: [10_000, 100_000],
  steps: (bench, records) => {
    const { all } = waysFor(bench, records)
    const asked = passScenarios.filter(({ name }) => bench.wants(name))
    return bench.rounds * asked.reduce((sum, { name }) => sum + beside(all, name).length, 0)
  },
  async run(bench, records) {
    const results: Results = new Map()
    const ways = waysFor(bench, records)
    for (const { name } of passScenarios.filter((scenario) => bench.wants(scenario.name))) {
      results.set(name, new Map(beside(ways.all, name).map((way) => [way.name, []])))
    }
    for (let round = 0; round < bench.rounds; round++) {
      await runRound(bench, ways, { records, round, results })
    }
    return [...results].map(([scenario, byWay]) => row({ scenario, records }, byWay))
  },
}

function waysFor(bench: Bench, records: number): Ways {
  const syncline = synclineWay(bench)
  const copy = copyWays(bench, records)
  return { syncline, copy, all: [syncline, ...yardsticksFor(bench, records), ...copy.ways] }
}

const beside = (ways: readonly PassWay[], scenario: string): readonly PassWay[] =>
  ways.filter(({ only = scenario }) => only === scenario)

function yardsticksFor(bench: Bench, records: number): PassWay[] {
  const ways = Object.entries(bench.extraWays ?? {}).map(([name, module]) => ordinaryWay(bench, name, module))
  ways.push(ordinaryWay(bench, 'Kysely upsert', wayModule('kysely-pass')))
  if (records <= rowByRowLimit) ways.push(ordinaryWay(bench, 'row by row', wayModule('row-by-row-pass')))
  return ways
}

/** Measurements by scenario, then by way. */
type Results = Map<string, Map<string, Measurement[]>>

interface Ways {
  readonly syncline: ReturnType<typeof synclineWay>
  readonly copy: ReturnType<typeof copyWays>
  readonly all: readonly PassWay[]
}

/** Every scenario in turn; within it every way, beginning with another one each time. */
async function runRound(
  bench: Bench,
  { syncline, copy, all }: Ways,
  {
    records,
    round,
    results,
  }: { readonly records: number; readonly round: number; readonly results: Results },
): Promise<void> {
  await bench.beginRound()
  for (const way of all) await way.begin()
  const history: UpstreamState[] = []
  for (const [place, { name, step }] of passScenarios.entries()) {
    const isAsked = bench.wants(name)
    // All others start from a first load.
    if (place > 0 && !isAsked) continue
    history.push(after(history.at(-1) ?? { records, steps: [] }, step))
    // The very first to run is the library: COPY takes its rows from that load.
    for (const way of rotated(beside(all, name), round + place)) {
      if (!isAsked && copy.ways.includes(way)) continue
      const measured = await way.pass([...history])
      if (round === 0 && place === 0 && way === syncline) await copy.take(syncline.url())
      if (!isAsked) continue
      bench.step(`${name} · ${way.name}`, measured)
      results.get(name)?.get(way.name)?.push(measured)
    }
  }
}

const after = (state: UpstreamState, step: UpstreamStep | undefined): UpstreamState =>
  step === undefined ? state : { ...state, steps: [...state.steps, step] }

function row(
  about: { readonly scenario: string; readonly records: number },
  byWay: ReadonlyMap<string, readonly Measurement[]>,
): ResultRow {
  const { Syncline: ours = [], ...yardsticks } = Object.fromEntries(byWay)
  return resultRow(about, { ours, yardsticks })
}
