import { gzipSync } from 'node:zlib'
import type { Directory, DirectoryEntry } from './directory.ts'
import type { AnswerEffect, FaultEffect, Garbage, PageEffect, RetryAfter } from './fault-effect.ts'
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
  return effect?.kind === 'garbage' && answer.status === 200 ? garble(answer, effect.garbage) : answer
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
  const effect = asked.effect as PageEffect | undefined
  const { items } = body
  switch (effect?.kind) {
    case 'repeated_cursor':
      return { items, next: encodeCursor(position) }
    case 'looping_cursor':
      return { items, next: cursorBefore(asked, position) }
    case 'empty_page':
      return { items: [], next: encodeCursor({ ...position, page: position.page + 1 }) }
    case 'shuffled':
      return { ...body, items: seededRandom(items.length).shuffle(items) }
    case 'duplicates': {
      const again = asked.directory.page({ type: position.type, after: 0, limit: effect.count })
      return { ...body, items: [...items, ...again.entries] }
    }
    case 'oversized_field': {
      const [first, ...others] = items
      const oversized = first && { ...first, [effect.field]: 'x'.repeat(effect.length) }
      return { ...body, items: oversized ? [oversized, ...others] : [] }
    }
    default:
      return body
  }
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

function garble(answer: Answer, garbage: Garbage): Answer {
  switch (garbage) {
    case 'html':
      return {
        ...answer,
        headers: { 'content-type': 'text/html' },
        body: '<!doctype html><title>Sign in</title>',
      }
    case 'truncated_json':
      return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) }
    case 'null':
      return { ...answer, body: 'null' }
    case 'array':
      return { ...answer, body: '[]' }
    case 'object':
      return { ...answer, body: '{}' }
    case 'empty_body':
      return { ...answer, body: '' }
    case 'wrong_content_type':
      return { ...answer, headers: { 'content-type': 'text/html' } }
    case 'broken_gzip':
      // A right head, so that the client starts to unpack, and then nonsense.
      return {
        ...answer,
        headers: { ...answer.headers, 'content-encoding': 'gzip' },
        body: Buffer.concat([gzipSync(answer.body).subarray(0, 10), Buffer.alloc(64, 0xff)]),
      }
  }
}
