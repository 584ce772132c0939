import { SyncError } from '@syncline/core'
import { type Filter, PagedResultsControl, SearchRequest } from 'ldapts'
import type { LdapConnection } from '../connection/ldap-connection.ts'
import { resultCodes, resultError } from '../connection/result-error.ts'
import { type LdapEntry, toLdapEntry } from './ldap-entry.ts'

/** What to look for. */
export interface Search {
  readonly baseDn: string
  readonly scope: 'base' | 'one' | 'sub'
  readonly filter: Filter
  readonly attributes: readonly string[]
}

/** A connection with what bounds its searches. */
export interface Searcher {
  readonly connection: LdapConnection
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** Pages in a row that bring no new entry, after which a search that never ends is given up. */
const maxIdlePages = 100

/** One page of what was found. */
export interface FoundPage {
  readonly entries: readonly LdapEntry[]
  /** URLs of other servers that hold parts of the base; they are not asked. */
  readonly references: readonly string[]
  /** Asks for the next page, on this connection only. Its absence is the end, an empty page with one is not. */
  readonly cookie: Buffer | undefined
  /** The server's guess of all entries. */
  readonly total: number | undefined
}

/**
 * Searches page by page (RFC 2696).
 * @throws what the server's result code means: an answer cut at a limit is an error, never a short page
 */
export async function searchPage(
  searcher: Searcher,
  search: Search,
  page: { readonly size: number; readonly cookie?: Buffer | undefined },
): Promise<FoundPage> {
  const { size, cookie } = page
  const paged = new PagedResultsControl({ critical: true, value: cookie ? { size, cookie } : { size } })
  const { answer, entries } = await send(searcher, search, [paged])
  const { paged: returned } = answer
  if (returned === undefined && entries.length >= size) {
    throw new SyncError(
      'UPSTREAM_REJECTED',
      'The LDAP server, or a proxy before it, answered without the paged results control: whether more follows cannot be known',
    )
  }
  if (entries.length > Math.max(10 * size, 10_000)) throw pageTooLarge(entries.length, size)
  const next = returned?.cookie
  const total = returned?.size
  return {
    entries,
    references: answer.references,
    cookie: next !== undefined && next.length > 0 ? Buffer.from(next) : undefined,
    total: total !== undefined && total > 0 ? total : undefined,
  }
}

/**
 * Searches to the end, page by page, handing over each page as it comes. The connection must serve no other paged
 * search. Progress is judged by the entries: some servers send the same cookie with every page.
 * @throws CONNECTOR_ANSWER_INVALID when pages with a next one bring nothing that an earlier page did not bring
 */
export async function searchAll(
  searcher: Searcher,
  search: Search,
  onEntries: (entries: readonly LdapEntry[]) => void,
): Promise<void> {
  const seen = new Set<string>()
  let idlePages = 0
  let cookie: Buffer | undefined
  do {
    const page = await searchPage(searcher, search, { size: 500, cookie })
    const known = seen.size
    for (const { dn } of page.entries) seen.add(dn)
    onEntries(page.entries)
    idlePages = seen.size > known ? 0 : idlePages + 1
    cookie = page.cookie
    const repeats = page.entries.length > 0 && idlePages > 0
    if (cookie !== undefined && (repeats || idlePages >= maxIdlePages)) throw endless(search.baseDn)
  } while (cookie !== undefined)
}

/** Searches for few entries, in one answer. */
export async function searchFew(searcher: Searcher, search: Search): Promise<readonly LdapEntry[]> {
  return (await send(searcher, search, [])).entries
}

async function send(searcher: Searcher, search: Search, controls: PagedResultsControl[]) {
  const { baseDn, scope, filter, attributes } = search
  const answer = await searcher.connection.request(
    (messageId) =>
      new SearchRequest({
        messageId,
        baseDN: baseDn,
        scope,
        filter,
        attributes: [...attributes],
        // Without a size limit of ours, result 4 can only mean that the server cut the answer.
        sizeLimit: 0,
        timeLimit: Math.ceil(searcher.timeoutMs / 1_000),
        derefAliases: 'never',
        controls,
      }),
    searcher.signal,
  )
  if (answer.status !== resultCodes.success) throw resultError(`Searching ${JSON.stringify(baseDn)}`, answer)
  return { answer, entries: answer.entries.map(toLdapEntry) }
}

const pageTooLarge = (entries: number, size: number): SyncError =>
  new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `The LDAP server sent a page of ${entries} entries where ${size} were asked for; it does not keep to the page size`,
  )

const endless = (baseDn: string): SyncError =>
  new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `A search below ${JSON.stringify(baseDn)} does not end: its pages bring no new entries, but each has a next one`,
  )
