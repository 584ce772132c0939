import type { Clock } from '@syncline/core'
import type { Send } from '../requests/http-client.ts'
import type { HttpRequest } from '../requests/http-request.ts'
import type { HttpResponse } from '../requests/http-response.ts'

/** One page to read. */
export interface PageTurn {
  /** What the page before gave; absent for the first. */
  readonly cursor: string | undefined
  /** How many records the host would like. */
  readonly pageSize: number
  /** The stream's request, with `modifiedSince` in it. */
  readonly request: HttpRequest
  readonly send: Send
  /** The records of an answer. @throws CONNECTOR_ANSWER_INVALID */
  readonly select: (response: HttpResponse) => readonly unknown[]
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A page that was read. */
export interface TurnedPage {
  /** For the total, where the stream wants one. */
  readonly response: HttpResponse
  readonly items: readonly unknown[]
  /** The cursor of the next page; undefined is the end. All paging state is in it. */
  readonly next: string | undefined
  /** How many records there are in all, where the paginator found out. @default what the stream's `total` says */
  readonly total?: number | undefined
}

/** How the pages of a listing are found. Keeps nothing: the next page may be read by another process. */
export interface Paginator {
  readPage(turn: PageTurn): Promise<TurnedPage>
}

/** A page that came, for the decision what comes next. */
export interface ReceivedPage {
  readonly response: HttpResponse
  readonly items: readonly unknown[]
  readonly cursor: string | undefined
  /** What was asked for, within the vendor's limit. */
  readonly pageSize: number
}

/**
 * A paginator of one request a page, from two functions: how a place is written into the request, and what the answer
 * says comes next.
 */
export function paginate(paginator: {
  /** The most records upstream gives in a page. @default no limit */
  readonly maxPageSize?: number | undefined
  readonly apply: (
    request: HttpRequest,
    place: { readonly cursor: string | undefined; readonly pageSize: number },
  ) => HttpRequest
  readonly next: (page: ReceivedPage) => string | undefined
}): Paginator {
  const { maxPageSize = Number.POSITIVE_INFINITY, apply, next } = paginator
  return {
    async readPage({ cursor, request, send, select, ...turn }) {
      const pageSize = Math.min(turn.pageSize, maxPageSize)
      const response = await send(apply(request, { cursor, pageSize }))
      if (response.empty) return { response, items: [], next: undefined }
      const items = select(response)
      return { response, items, next: next({ response, items, cursor, pageSize }) || undefined }
    },
  }
}

/** No pages: one answer holds everything. */
export const singlePage = (): Paginator => paginate({ apply: (request) => request, next: () => undefined })
