import { inspect } from 'node:util'
import type { PGlite } from '@electric-sql/pglite'

/** What a scan looks for: the value, its ends, its hexadecimal form and its Base64 forms at every alignment. */
function canaryForms(canary: string): readonly string[] {
  const aligned = [0, 1, 2].map((offset) =>
    Buffer.from('x'.repeat(offset) + canary)
      .toString('base64url')
      .slice(4, -4),
  )
  return [canary.slice(0, 12), canary.slice(-12), Buffer.from(canary).toString('hex'), ...aligned]
}

/** Everything a database holds as text, by table, sequences and catalogues of its own left out. */
export async function dumpTables(pglite: PGlite): Promise<ReadonlyMap<string, string>> {
  const { rows: tables } = await pglite.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  )
  const dump = new Map<string, string>()
  for (const { name } of tables) {
    const { rows } = await pglite.query<{ text: string }>(`select t::text as text from ${name} t`)
    dump.set(name, rows.map(({ text }) => text).join('\n'))
  }
  return dump
}

/** Everything about a value that a host could print. */
export const printed = (value: unknown): string =>
  `${inspect(value, { depth: 20, maxStringLength: null, maxArrayLength: null, getters: true, showHidden: true })} ${JSON.stringify(value)}`

/** The names of the places that hold a canary. */
export function placesWith(
  places: ReadonlyMap<string, string>,
  canaries: readonly string[],
): readonly string[] {
  const forms = canaries.flatMap(canaryForms)
  return [...places].filter(([, text]) => forms.some((form) => text.includes(form))).map(([name]) => name)
}
