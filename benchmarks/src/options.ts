import { parseArgs } from 'node:util'

/** What was asked for on the command line. */
export interface Options {
  /** Sizes in records; absent: those of each scenario. */
  readonly records?: readonly number[] | undefined
  /** Matched from the start of a scenario's name. */
  readonly only: RegExp
  readonly rounds: number
  /** A server to use instead of a private one. */
  readonly database?: string | undefined
  /** Print JSON only and keep no files. */
  readonly json: boolean
  /** Rewrite the tables in docs/benchmarks.md and the chart; measure nothing. */
  readonly docs: boolean
  readonly help: boolean
}

export const usage = `npm run bench -- [options]

  --records 10k,100k,1m   sizes, instead of those of each scenario
  --only REGEX            scenarios whose name begins with a match: "first|unchanged", "read", "pglite"
  --rounds N              rounds, in each of which every way runs once (5)
  --database URL          a PostgreSQL to use; makes and drops databases of its own (a private server)
  --json                  print JSON to stdout, keep no files
  --docs                  rewrite the tables in docs/benchmarks.md, and the chart, from the kept results`

/** @throws Error saying what is wrong with the arguments */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: 'string' },
      only: { type: 'string', default: '' },
      rounds: { type: 'string', default: '5' },
      database: { type: 'string' },
      json: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    ...values,
    records: values.records?.split(',').map(parseSize),
    only: new RegExp(`^(?:${values.only})`, 'i'),
    rounds: parseSize(values.rounds),
  }
}

const factors: Readonly<Record<string, number>> = { '': 1, k: 1_000, m: 1_000_000 }

/** `10k` → 10000, `1m` → 1000000 */
function parseSize(text: string): number {
  const [, digits, unit = ''] = /^([1-9]\d*)([km]?)$/i.exec(text.trim()) ?? []
  const factor = factors[unit.toLowerCase()]
  if (digits === undefined || factor === undefined)
    throw new Error(`"${text}" is not a size such as 500, 10k or 1m`)
  return Number(digits) * factor
}
