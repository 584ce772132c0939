import { type Answer, jsonHeaders } from './answer.ts'
import type { Directory } from './directory.ts'
import type { DirectoryEntry } from './directory-entry.ts'
import { faultAnswer } from './fault-answer.ts'
import type { FaultEffect } from './fault-effect.ts'
import { decodeCursor, encodeCursor, type PagePosition } from './page-cursor.ts'
import { seededRandom } from './seeded-random.ts'
import type { UpstreamRequest } from './upstream-request.ts'

export interface AnswerRequest {
  readonly directory: Directory
  /** All requests so far, this one last. */
  readonly requests: readonly UpstreamRequest[]
  readonly request: UpstreamRequest
  readonly authorized: boolean
  readonly pageSizeLimit: number
  readonly effect: FaultEffect | undefined
}

const defaultLimit = 100

/** What the upstream says, with the fault's say in it. */
export function answerRequest(asked: AnswerRequest): Answer {
  return faultAnswer(asked.effect, { plain: () => plainAnswer(asked), now: asked.directory.now() })
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
