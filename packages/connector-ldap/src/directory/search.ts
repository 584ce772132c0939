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
  const control = answer.controls.find((candidate) => candidate instanceof PagedResultsControl)
  if (control === undefined && entries.length >= size) {
    throw new SyncError(
      'UPSTREAM_REJECTED',
      'The LDAP server, or a proxy before it, answered without the paged results control: whether more follows cannot be known',
    )
  }
  const next = control?.value?.cookie
  const total = control?.value?.size
  return {
    entries,
    references: answer.references,
    cookie: next !== undefined && next.length > 0 ? Buffer.from(next) : undefined,
    total: total !== undefined && total > 0 ? total : undefined,
  }
}

/** Searches to the end, page by page, handing over each page as it comes. The connection must serve no other paged search. */
export async function searchAll(
  searcher: Searcher,
  search: Search,
  onEntries: (entries: readonly LdapEntry[]) => void,
): Promise<void> {
  let cookie: Buffer | undefined
  do {
    const page = await searchPage(searcher, search, { size: 500, cookie })
    onEntries(page.entries)
    cookie = page.cookie
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
