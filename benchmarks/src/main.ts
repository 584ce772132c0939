// npm run bench: the composition root.
import { benchmark } from './benchmark.ts'
import { type Options, parseOptions, usage } from './options.ts'
import { showSteps } from './progress.ts'
import { keepResults } from './results/keep-results.ts'
import { footer, resultTable } from './results/result-table.ts'
import { writeDocs } from './results/write-docs.ts'

/** The first interruption takes the private server down and its data with it; the second does not wait. */
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interruption.abort(new Error('Interrupted'))
    process.once(signal, () => process.exit(130))
  })
}

async function measure(options: Options): Promise<void> {
  const onStep = showSteps(process.stderr)
  const { rows, environment } = await benchmark({ ...options, onStep, signal: interruption.signal })
  if (options.json) {
    console.log(JSON.stringify(rows, undefined, 2))
    return
  }
  console.log(resultTable(rows))
  console.log(footer(environment))
  console.log(`Kept in ${keepResults(rows, environment)}; for docs/benchmarks.md: npm run bench -- --docs`)
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) console.log(usage)
  else if (options.docs) writeDocs()
  else await measure(options)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = interruption.signal.aborted ? 130 : 1
}
