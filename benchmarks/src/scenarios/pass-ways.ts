import { createReadStream, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Measurement } from '../results/result-row.ts'
import type { CopyConnection } from '../server/copy-client.ts'
import { query } from '../server/query.ts'
import { vacuum } from '../server/vacuum.ts'
import { type ExpectedCounts, expectedContent, expectedCounts } from '../upstream/expected.ts'
import { listedIn, numbersOf, type UpstreamState } from '../upstream/upstream-state.ts'
import { ordinaryTable } from '../ways/ordinary-table.ts'
import { type PassInput, pageSize } from '../ways/pass-input.ts'
import type { Bench } from './bench.ts'
import { readContent, requireExact } from './check-content.ts'
import { measureWork, wayModule } from './measure-work.ts'
import { rowTable } from './row-table.ts'

/** One way to bring a database into step with an upstream. */
export interface PassWay {
  readonly name: string
  /** The only scenario it stands beside. @default all */
  readonly only?: string
  /** A new, empty database for a round. */
  begin(): Promise<void>
  /** One pass over the last state of the history, where the database holds those before. Checked to the record. */
  pass(history: readonly UpstreamState[]): Promise<Measurement>
}

/** The library itself. */
export function synclineWay(bench: Bench, youngMb?: number): PassWay & { readonly url: () => string } {
  let url = ''
  return {
    name: 'Syncline',
    url: () => url,
    async begin() {
      url = await bench.server.createDatabase('syncline')
    },
    async pass(history) {
      const { job, state } = passJob(bench, { module: wayModule('syncline-pass'), url, history })
      const { measured, facts } = await measureWork(bench.server, { ...job, youngMb }, listedIn(state))
      requireExact('Syncline', facts, expectedFacts(history))
      const content = await readContent(url, 'syncline.connector_resource')
      requireExact('Rows of Syncline', content, expectedContent(history))
      await vacuum(url)
      return measured
    },
  }
}

/** A way on the ordinary table: its module in `ways/`, or a URL. */
export function ordinaryWay(bench: Bench, name: string, module: string): PassWay {
  const database = module.replaceAll(/\W/g, '_').slice(-20)
  let url = ''
  return {
    name,
    async begin() {
      url = await bench.server.createDatabase(database)
      await query(url, ...ordinaryTable)
    },
    async pass(history) {
      const { job, state, before } = passJob(bench, { module, url, history })
      const { measured, facts } = await measureWork(bench.server, job, listedIn(state))
      requireExact(name, facts, { staled: expectedCounts(before, state).staled })
      requireExact(`Rows of ${name}`, await readContent(url, 'connector_resource'), expectedContent(history))
      await vacuum(url)
      return measured
    },
  }
}

/** Their names say nothing of the client that copies; the environment of a result does. */
const copyName = 'COPY'
const copyPagesName = 'COPY, committed page by page'

/** Rows of a real first load. */
interface TakenRows {
  readonly file: string
  /** The same rows, a page a file. */
  readonly pages: readonly string[]
  /** The library's own table, with its columns. */
  readonly target: string
  /** The same without columns. */
  readonly table: string
}

/** Rows of a real first load, copied into the library's own table with its own indexes: at once, and page by page. */
export function copyWays(
  bench: Bench,
  records: number,
): { readonly ways: readonly PassWay[]; take(from: string): Promise<void> } {
  let taken: TakenRows | undefined
  let url = ''
  const pass = async (
    copy: (connection: CopyConnection, rows: TakenRows) => Promise<readonly [number, number]>,
  ): Promise<Measurement> => {
    if (!taken) throw new Error('COPY goes second: it takes its rows from a load of the library')
    if (url === '') url = await bench.server.createDatabase('copy', 'migrated')
    await query(url, `truncate ${taken.table} cascade`)
    const connection = await bench.copy.connect(url)
    const stop = await bench.server.meter()
    const began = performance.now()
    const [copied, expected] = await copy(connection, taken)
    const ms = performance.now() - began
    const { walBytes, cpuS: pgCpuS } = await stop()
    await connection.close()
    requireExact('What was copied', copied, expected)
    requireExact('Rows', await countRows(url, taken.table), records)
    return { records, ms, walBytes, pgCpuS }
  }
  const begin = async (): Promise<void> => undefined
  return {
    ways: [
      {
        name: copyName,
        begin,
        pass: () =>
          pass(async (connection, rows) => [await connection.copyIn(rows.target, rows.file), records]),
      },
      {
        name: copyPagesName,
        only: 'first load',
        begin,
        pass: () =>
          pass(async (connection, { target, pages }) => [
            await connection.copyEachIn(target, pages),
            pages.length,
          ]),
      },
    ],
    /** Takes the rows, and the table as it is, from a database that the library has loaded. */
    async take(from) {
      const file = `${bench.folder}/rows-${records}.txt`
      const { table, columns } = await rowTable(from)
      await bench.copy.copyOut({ url: from, query: `select ${columns} from ${table}`, file })
      taken = { file, pages: await splitLines(file, pageSize), target: `${table} (${columns})`, table }
    },
  }
}

const countRows = async (url: string, table: string): Promise<number> => {
  const [row] = await query(url, `select count(*)::int as rows from ${table}`)
  return Number(row?.rows)
}

/** In text format a line is a row. */
async function splitLines(file: string, linesPerFile: number): Promise<readonly string[]> {
  const files: string[] = []
  let lines: string[] = []
  const keep = (): void => {
    if (lines.length === 0) return
    const part = `${file}.${files.length}`
    writeFileSync(part, `${lines.join('\n')}\n`)
    files.push(part)
    lines = []
  }
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (lines.push(line) === linesPerFile) keep()
  }
  keep()
  return files
}

function passJob(
  bench: Bench,
  { module, url, history }: { module: string; url: string; history: readonly UpstreamState[] },
) {
  const state = history.at(-1) ?? { records: 0, steps: [] }
  const before = history.at(-2)
  const input: PassInput = { url, warmUpUrl: bench.warmUpUrl(), warmUpRecords: bench.warmUpRecords, state }
  return { job: { module, input }, state, before }
}

/** What the library must say of the last pass. */
export function expectedFacts(history: readonly UpstreamState[]) {
  const state = history.at(-1) ?? { records: 0, steps: [] }
  const counts = expectedCounts(history.at(-2), state)
  const changes = history.map((after, place) => changesOf(expectedCounts(history[place - 1], after)))
  return {
    status: 'success',
    complete: true,
    counts: {
      ...counts,
      removed: 0,
      excluded: 0,
      quarantined: 0,
      pagesProcessed: Math.ceil(numbersOf(state) / pageSize),
      totalUpstreamRecords: listedIn(state),
    },
    changes: changes.reduce((sum, count) => sum + count, 0),
  }
}

const changesOf = ({ added, updated, restored, staled }: ExpectedCounts): number =>
  added + updated + restored + staled
