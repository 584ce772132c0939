import { hash } from 'node:crypto'
import { SyncError } from '../errors.ts'
import type { PreparedPage } from './prepare-page.ts'

/** Finds listings that go on with ever new cursors and bring nothing but what came before. */
export interface RepeatedPages {
  /**
   * Notes the content of a page that another one follows.
   * @throws PAGES_REPEATED
   */
  note(page: PreparedPage & { readonly pageNumber: number }, raw: readonly unknown[]): void
}

/**
 * Counts pages in a row whose content an earlier page of this process had: one that comes again and again, as of an
 * upstream that clamps or ignores the page, or a cycle of several. A few are honest: offsets shift, and teams have the
 * same members. An empty page neither counts nor breaks the row.
 */
export function createRepeatedPages(maxInARow: number): RepeatedPages {
  const contents = new Set<string>()
  let inARow = 0
  return {
    note(page, raw) {
      if (raw.length === 0) return
      const content = contentOf(page, raw)
      inARow = contents.has(content) ? inARow + 1 : 0
      contents.add(content)
      if (inARow > maxInARow) throw pagesRepeated(page.pageNumber, inARow)
    },
  }
}

/** Short: a listing may have very many pages. */
function contentOf({ records, excluded, rejected }: PreparedPage, raw: readonly unknown[]): string {
  const parts = [
    records.map(({ externalId, hash: digest }) => [externalId, digest]),
    excluded,
    rejected.map(({ externalId, position, reason }) => externalId ?? [reason, textOf(raw[position])]),
  ]
  return hash('sha256', JSON.stringify(parts), 'base64').slice(0, 22)
}

/** Tells records without a readable id apart. They may be anything, even objects that throw when they are read. */
function textOf(record: unknown): string {
  try {
    return JSON.stringify(record) ?? typeof record
  } catch {
    return typeof record
  }
}

const pagesRepeated = (page: number, inARow: number): SyncError =>
  new SyncError(
    'PAGES_REPEATED',
    `The last ${inARow} pages, up to page ${page}, brought nothing but what earlier pages had brought; upstream or the connector ignores the place that is asked for, nothing was marked stale. Where such a listing is right, raise limits.maxRepeatedPages`,
    { details: { page, repeatedPages: inARow } },
  )
