import { deepStrictEqual } from 'node:assert/strict'
import { query } from '../server/query.ts'
import { type Content, contentLine } from '../upstream/expected.ts'

/** Throws unless what was found is exactly what was expected. */
export function requireExact(what: string, found: unknown, expected: unknown): void {
  deepStrictEqual(
    found,
    expected,
    `${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`,
  )
}

/** Counts the rows of a table or view by what they show. */
export async function readContent(url: string, relation: string): Promise<Content> {
  const rows = await query<{ status: string; stale: boolean; rows: string }>(
    url,
    `select attributes->>'status' as status, stale_since is not null as stale, count(*) as rows
      from ${relation} group by 1, 2 order by 1, 2`,
  )
  return Object.fromEntries(
    rows.map(({ status, stale, rows: count }) => [contentLine(status, stale), Number(count)]),
  )
}
