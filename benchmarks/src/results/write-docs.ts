import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { docsTables } from './docs-tables.ts'
import { drawChart, readResults } from './keep-results.ts'

const page = join(import.meta.dirname, '../../../docs/benchmarks.md')
const generated = /(<!-- generated: npm run bench -- --docs -->\n)[\s\S]*(<!-- \/generated -->)/

/** Rewrites the tables of docs/benchmarks.md and the chart from the kept results. */
export function writeDocs(): void {
  drawChart(readResults())
  writeFileSync(page, withTables(readFileSync(page, 'utf8')))
}

/** The page with its generated part replaced. @throws Error when the page has no place for it */
export function withTables(text: string): string {
  if (!generated.test(text))
    throw new Error('docs/benchmarks.md has lost the marks around its generated part')
  return text.replace(
    generated,
    (_whole, begin: string, end: string) => `${begin}\n${docsTables(readResults())}\n\n${end}`,
  )
}
