import { buildSearchIndex } from '@syncline/adapter-postgres'
import pg from 'pg'
import { type Measurement, type ResultRow, resultRow, significant } from '../results/result-row.ts'
import { quantile } from '../results/statistics.ts'
import { vacuum } from '../server/vacuum.ts'
import { numbersOf, recordsFrom, type UpstreamState } from '../upstream/upstream-state.ts'
import { loadStates } from '../ways/load-states.ts'
import { readFacts, searches } from '../ways/syncline-reads.ts'
import type { ScenarioGroup } from './bench.ts'
import { requireExact } from './check-content.ts'
import { measureWork, wayModule } from './measure-work.ts'
import { rowTable } from './row-table.ts'

const scenarioOf = (read: string): string => `read: ${read}`
/** Only a slice is compared with another slice. */
const yardsticksOf = (name: string): readonly string[] =>
  name === 'slice at the end' ? ['count(*)', 'slice from the start'] : ['count(*)']

const reads = [
  'first page',
  'numbered page at half',
  'numbered pages at random',
  'slice from the start',
  'slice at the end',
  'stale only',
  'by external id',
  'search rare',
  'search common',
  'search two letters',
]

/** Times per round and in all for one query, so that slow ones end. */
const samplesPerRound = 20
const budgetMs = 4_000

/** Lists, look-ups and searches over a loaded store of which 1 % is stale; pages of 100. */
export const readScenarios: ScenarioGroup = {
  names: reads.map(scenarioOf),
  sizes: [1_000_000],
  steps: ({ wants }) => 1 + reads.filter((name) => wants(scenarioOf(name))).length,
  async run(bench, records) {
    const full: UpstreamState = { records, steps: [] }
    const now: UpstreamState = { records, steps: ['hundredth-gone'] }
    const url = await bench.server.createDatabase('reads')
    await loadStates(url, [full, now])
    await withSearchIndex(url)
    await vacuum(url)
    bench.step('loaded, for the reads')
    const { table } = await rowTable(url)
    const input = {
      url,
      records,
      table,
      samples: samplesPerRound * bench.rounds,
      budgetMs: budgetMs * bench.rounds,
    }
    const { facts } = await measureWork(bench.server, { module: wayModule('syncline-reads'), input }, records)
    const measured = readFacts.parse(facts)
    const found = Object.fromEntries(Object.entries(measured).map(([name, read]) => [name, read.found]))
    requireExact('What the reads found', found, expectedFinds(full, now))
    await bench.server.createDatabase('reads')
    const timesOf = (name: string): number[] => measured[name]?.ms ?? []
    return reads
      .filter((name) => bench.wants(scenarioOf(name)))
      .map((name) => {
        bench.step(`${scenarioOf(name)} ${quantile(timesOf(name), 0.5).toFixed(2)} ms`)
        return readRow({ name, records, timesOf })
      })
  },
}

async function withSearchIndex(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  await buildSearchIndex({ pool })
  await pool.end()
}

function readRow(read: {
  readonly name: string
  readonly records: number
  readonly timesOf: (name: string) => readonly number[]
}): ResultRow {
  const { name, records, timesOf } = read
  const measured = (other: string): Measurement[] => timesOf(other).map((ms) => ({ records: 1, ms }))
  const rounds = {
    ours: measured(name),
    yardsticks: Object.fromEntries(yardsticksOf(name).map((yardstick) => [yardstick, measured(yardstick)])),
  }
  const p50 = quantile(timesOf(name), 0.5)
  const p95 = quantile(timesOf(name), 0.95)
  const extra = { p50_ms: significant(p50), p95_ms: significant(p95) }
  return resultRow({ scenario: scenarioOf(name), records, unit: 'ms', extra }, rounds)
}

/** A search is counted so far. */
const mostCounted = 1_000

function expectedFinds(full: UpstreamState, now: UpstreamState): Readonly<Record<string, number>> {
  const { records } = full
  const hits = { rare: 0, common: 0, 'two letters': 0 }
  let listed = 0
  const chunk = 10_000
  for (let start = 0; start < numbersOf(full); start += chunk) {
    listed += recordsFrom(now, start, chunk).length
    for (const { externalId, displayName, email } of recordsFrom(full, start, chunk)) {
      const texts = [externalId, displayName, email ?? ''].map((text) => text.toLowerCase())
      const has = (part: string): number => (texts.some((text) => text.includes(part)) ? 1 : 0)
      hits.rare += has(searches.rare)
      hits.common += has(searches.common)
      hits['two letters'] += has(searches['two letters'])
    }
  }
  return {
    'count(*)': records,
    'first page': records,
    'numbered page at half': records,
    'numbered pages at random': records,
    'slice from the start': Math.min(100, records),
    'slice at the end': Math.min(100, records - 1),
    'stale only': records - listed,
    'by external id': 1,
    'search rare': Math.min(hits.rare, mostCounted),
    'search common': Math.min(hits.common, mostCounted),
    'search two letters': Math.min(hits['two letters'], mostCounted),
  }
}
