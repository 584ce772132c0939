import { type Measurement, type ResultRow, resultRow } from '../results/result-row.ts'
import { rotated } from '../results/statistics.ts'
import { query } from '../server/query.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import { loadStates } from '../ways/load-states.ts'
import { sweepFacts } from '../ways/syncline-sweep.ts'
import type { Bench, ScenarioGroup } from './bench.ts'
import { requireExact } from './check-content.ts'
import { measureWork, wayModule } from './measure-work.ts'
import { rowTable } from './row-table.ts'

/** When the planner's statistics were taken: never, at a hundredth of the rows, or with all of them. */
const statistics = ['never taken', 'stale', 'fresh'] as const
type Statistics = (typeof statistics)[number]

const markName = (taken: Statistics): string => `stale marking, statistics ${taken}`
const purgeName = (taken: Statistics): string => `purge, statistics ${taken}`

const askedFor = ({ wants }: Bench): readonly Statistics[] =>
  statistics.filter((taken) => wants(markName(taken)) || wants(purgeName(taken)))

/** The end of a pass that misses 1 % of the rows, and of one that finds them gone for long. */
export const sweeps: ScenarioGroup = {
  names: statistics.flatMap((taken) => [markName(taken), purgeName(taken)]),
  sizes: [100_000],
  steps: (bench) => bench.rounds * askedFor(bench).length,
  async run(bench, records) {
    const asked = askedFor(bench)
    const templates = new Map<Statistics, string>()
    for (const taken of asked) templates.set(taken, await loadTemplate(bench, taken, records))
    const measured = new Map<Statistics, Sweep[]>(asked.map((taken) => [taken, []]))
    for (let round = 0; round < bench.rounds; round++) {
      for (const taken of rotated(asked, round)) {
        const sweep = await measureSweep(bench, templates.get(taken) ?? '', records)
        bench.step(
          `${markName(taken)} ${Math.round(sweep.mark.ms)} ms, purge ${Math.round(sweep.purge.ms)} ms`,
        )
        measured.get(taken)?.push(sweep)
      }
    }
    const rows = [...measured].flatMap(([taken, rounds]) => sweepRows(records, taken, rounds))
    return rows.filter(({ scenario }) => bench.wants(scenario))
  },
}

type Sweep = Readonly<Record<'mark' | 'purge' | 'idle' | 'count', Measurement>>

/** A loaded database, copied for every round. */
async function loadTemplate(bench: Bench, taken: Statistics, records: number): Promise<string> {
  const name = `sweep_${taken.replaceAll(' ', '_')}_${records}`
  const url = await bench.server.createDatabase(name)
  const full: UpstreamState = { records, steps: [] }
  const few: UpstreamState = { records: Math.ceil(records / 100), steps: [] }
  if (taken === 'stale') await loadStates(url, [few, full], () => query(url, 'analyze'))
  else await loadStates(url, [full])
  if (taken === 'fresh') await query(url, 'analyze')
  return name
}

async function measureSweep(bench: Bench, template: string, records: number): Promise<Sweep> {
  const url = await bench.server.createDatabase('sweep', template)
  const { table } = await rowTable(url)
  const job = { module: wayModule('syncline-sweep'), input: { url, records, table } }
  const { facts } = await measureWork(bench.server, job, records)
  const { staled, removed, markMs, purgeMs, idleMs, countMs } = sweepFacts.parse(facts)
  const gone = Math.floor((records + 49) / 100)
  requireExact('Rows marked stale and purged', { staled, removed }, { staled: gone, removed: gone })
  const [left] = await query<{ rows: string }>(url, `select count(*) as rows from ${table}`)
  requireExact('Rows left after the purge', Number(left?.rows), records - gone)
  const took = (ms: number): Measurement => ({ records, ms })
  return { mark: took(markMs), purge: took(purgeMs), idle: took(idleMs), count: took(countMs) }
}

function sweepRows(records: number, taken: Statistics, rounds: readonly Sweep[]): ResultRow[] {
  const of = (what: keyof Sweep): Measurement[] => rounds.map((sweep) => sweep[what])
  const yardsticks = { 'count(*)': of('count'), 'nothing to do': of('idle') }
  return [
    resultRow({ scenario: markName(taken), records, unit: 'ms' }, { ours: of('mark'), yardsticks }),
    resultRow({ scenario: purgeName(taken), records, unit: 'ms' }, { ours: of('purge'), yardsticks }),
  ]
}
