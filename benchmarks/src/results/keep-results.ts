import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../environment.ts'
import { scenarioGroups } from '../scenarios/index.ts'
import { chart } from './chart.ts'
import type { KeptRow } from './kept-row.ts'
import type { ResultRow } from './result-row.ts'

const folder = join(import.meta.dirname, '../../results')
const file = join(folder, 'latest.json')

/** Keeps the rows of a run and draws the chart anew. Answers the folder. */
export function keepResults(rows: readonly ResultRow[], environment: Environment): string {
  mkdirSync(folder, { recursive: true })
  const kept = mergeResults(
    readResults(),
    rows.map((row) => ({ ...row, environment })),
  )
  writeFileSync(file, `${JSON.stringify(kept, undefined, 2)}\n`)
  drawChart(kept)
  return folder
}

export const drawChart = (rows: readonly KeptRow[]): void =>
  writeFileSync(join(folder, 'latest.svg'), chart(rows))

/** New rows take the place of those of their scenario and size; others stay, unless their scenario is no more. */
export function mergeResults(kept: readonly KeptRow[], measured: readonly KeptRow[]): KeptRow[] {
  const names = scenarioGroups.flatMap((group) => group.names)
  const place = ({ scenario }: KeptRow): number => names.indexOf(scenario)
  const isNew = new Set(measured.map(key))
  return [...kept.filter((row) => !isNew.has(key(row)) && place(row) >= 0), ...measured].toSorted(
    (one, other) => place(one) - place(other) || one.records - other.records,
  )
}

const key = ({ scenario, records }: ResultRow): string => `${scenario} ${records}`

/** The kept rows; none before the first run. */
export function readResults(): readonly KeptRow[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
