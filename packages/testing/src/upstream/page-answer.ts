import { gzipSync } from 'node:zlib'
import type { Directory } from './directory.ts'
import type { DirectoryEntry } from './directory-entry.ts'
import type { AnswerEffect, FaultEffect, Garbage, RetryAfter } from './fault-effect.ts'
import { decodeCursor, encodeCursor, type PagePosition } from './page-cursor.ts'
import { seededRandom } from './seeded-random.ts'
import type { UpstreamRequest } from './upstream-request.ts'

/** An answer before it is sent. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: string | Buffer
}

export interface AnswerRequest {
  readonly directory: Directory
  /** All requests so far, this one last. */
  readonly requests: readonly UpstreamRequest[]
  readonly request: UpstreamRequest
  readonly authorized: boolean
  readonly pageSizeLimit: number
  readonly effect: FaultEffect | undefined
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' }
const defaultLimit = 100

/** What the upstream says, with the fault's say in it. */
export function answerRequest(asked: AnswerRequest): Answer {
  const { directory, effect } = asked
  if (effect?.kind === 'status') return statusAnswer(effect, directory.now())
  const answer = plainAnswer(asked)
  return effect?.kind === 'garbage' && answer.status === 200 ? garble[effect.garbage](answer) : answer
}

function plainAnswer(asked: AnswerRequest): Answer {
  const { directory, request, authorized, pageSizeLimit } = asked
  const { type, cursor, limit = String(defaultLimit), modifiedSince } = request
  if (!authorized) return errorAnswer(401, 'unauthorized')
  if (request.method !== 'GET') return errorAnswer(405, 'method_not_allowed')
  if (type === undefined) return errorAnswer(404, 'not_found')
  if (!/^[1-9]\d{0,8}$/.test(limit)) return errorAnswer(400, 'limit_invalid')
  if (modifiedSince !== undefined && Number.isNaN(Date.parse(modifiedSince))) {
    return errorAnswer(400, 'modified_since_invalid')
  }
  const position = cursor === undefined ? { type, page: 1, after: 0 } : decodeCursor(cursor)
  if (position?.type !== type) return errorAnswer(400, 'cursor_invalid')
  const page = directory.page({
    type,
    after: position.after,
    limit: Math.min(Number(limit), pageSizeLimit),
    modifiedSince,
  })
  const next = page.more ? encodeCursor({ type, page: position.page + 1, after: page.last }) : undefined
  const { items, next: answeredNext } = alterPage(asked, position, { items: page.entries, next })
  const body = { items, next: answeredNext, total: page.total, asOf: directory.now().toISOString() }
  return { status: 200, headers: jsonHeaders, body: JSON.stringify(body) }
}

interface PageBody {
  readonly items: readonly DirectoryEntry[]
  readonly next: string | undefined
}

function alterPage(asked: AnswerRequest, position: PagePosition, body: PageBody): PageBody {
  const { effect, directory } = asked
  const { items } = body
  if (effect?.kind === 'repeated_cursor') return { items, next: encodeCursor(position) }
  if (effect?.kind === 'looping_cursor') return { items, next: cursorBefore(asked, position) }
  if (effect?.kind === 'empty_page') {
    return { items: [], next: encodeCursor({ ...position, page: position.page + 1 }) }
  }
  if (effect?.kind === 'shuffled') return { ...body, items: seededRandom(items.length).shuffle(items) }
  if (effect?.kind === 'duplicates') {
    const again = directory.page({ type: position.type, after: 0, limit: effect.count })
    return { ...body, items: [...items, ...again.entries] }
  }
  if (effect?.kind === 'oversized_field') {
    const oversize = { [effect.field]: 'x'.repeat(effect.length) }
    return { ...body, items: items.map((item, index) => (index === 0 ? { ...item, ...oversize } : item)) }
  }
  return body
}

function cursorBefore({ requests, request }: AnswerRequest, position: PagePosition): string {
  const page = Math.max(1, position.page - 1)
  const before = requests.findLast((earlier) => earlier.path === request.path && earlier.page === page)
  return before?.cursor ?? encodeCursor({ type: position.type, page: 1, after: 0 })
}

const errorAnswer = (status: number, error: string): Answer => ({
  status,
  headers: jsonHeaders,
  body: JSON.stringify({ error }),
})

const errorNames: Readonly<Record<number, string>> = {
  401: 'unauthorized',
  403: 'forbidden',
  410: 'delta_expired',
  429: 'too_many_requests',
}

function statusAnswer(effect: AnswerEffect & { kind: 'status' }, now: Date): Answer {
  const { status, retryAfter, headers } = effect
  const body = effect.body ?? JSON.stringify({ error: errorNames[status] ?? `status_${status}` })
  const waiting = retryAfter === undefined ? {} : { 'retry-after': retryAfterHeader(retryAfter, now) }
  return { status, headers: { ...jsonHeaders, ...waiting, ...headers }, body: status === 204 ? '' : body }
}

function retryAfterHeader(retryAfter: RetryAfter, now: Date): string | string[] {
  if (typeof retryAfter === 'string') return retryAfter
  if ('dateInMs' in retryAfter) return new Date(now.getTime() + retryAfter.dateInMs).toUTCString()
  return [...retryAfter]
}

const html = { 'content-type': 'text/html' }

const garble: Readonly<Record<Garbage, (page: Answer) => Answer>> = {
  html: (page) => ({ ...page, headers: html, body: '<!doctype html><title>Sign in</title>' }),
  truncated_json: (page) => ({ ...page, body: page.body.slice(0, Math.floor(page.body.length / 2)) }),
  null: (page) => ({ ...page, body: 'null' }),
  array: (page) => ({ ...page, body: '[]' }),
  object: (page) => ({ ...page, body: '{}' }),
  empty_body: (page) => ({ ...page, body: '' }),
  wrong_content_type: (page) => ({ ...page, headers: html }),
  // A right head, so that the client starts to unpack, and then nonsense.
  broken_gzip: (page) => ({
    ...page,
    headers: { ...page.headers, 'content-encoding': 'gzip' },
    body: Buffer.concat([gzipSync(page.body).subarray(0, 10), Buffer.alloc(64, 0xff)]),
  }),
}
