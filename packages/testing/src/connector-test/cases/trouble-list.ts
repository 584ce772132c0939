import { isDeepStrictEqual } from 'node:util'
import type { ErrorCode } from '@syncline/core'
import { type FaultEffect, type Garbage, garbageForms } from '../../upstream/fault-effect.ts'
import type { ListingContract } from '../contract/listing-contract.ts'

/** Longer than any test: the answer never comes. */
export const hang: FaultEffect = { kind: 'slow_headers', delayMs: 3_600_000 }

/** Something that goes wrong at upstream, and what a connector may call it. */
export interface Trouble {
  readonly name: string
  readonly effect: FaultEffect
  readonly codes: readonly ErrorCode[]
}

const status = (code: number, codes: readonly ErrorCode[]): Trouble => ({
  name: `status ${code}`,
  effect: { kind: 'status', status: code },
  codes,
})

const reset = (name: string, at: 'before_headers' | 'after_headers' | 'in_body'): Trouble => ({
  name,
  effect: { kind: 'reset', at },
  codes: ['UPSTREAM_UNAVAILABLE'],
})

/** Passes by itself: worth asking again. */
export const passingTroubles: readonly Trouble[] = [
  status(500, ['UPSTREAM_UNAVAILABLE']),
  status(502, ['UPSTREAM_UNAVAILABLE']),
  status(503, ['UPSTREAM_UNAVAILABLE', 'RATE_LIMITED']),
  status(504, ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT']),
  reset('a connection reset before the headers', 'before_headers'),
  reset('a connection reset after the headers', 'after_headers'),
  reset('a body cut in half', 'in_body'),
]

/** A page that cannot be read: by its shape, or because what was thrown has no code. Some call it a passing trouble. */
const unreadable: readonly ErrorCode[] = [
  'CONNECTOR_ANSWER_INVALID',
  'CONNECTOR_FAILED',
  'UPSTREAM_UNAVAILABLE',
]

/** Stays until somebody mends it. */
export function lastingTroubles(listing: ListingContract): readonly Trouble[] {
  return [
    status(400, ['UPSTREAM_REJECTED']),
    status(404, ['UPSTREAM_REJECTED']),
    status(204, unreadable),
    ...garbageForms
      .filter((garbage) => !isEmptyPage(listing, garbage))
      .map((garbage) => ({
        name: garbageNames[garbage],
        effect: { kind: 'garbage', garbage } as const,
        codes: unreadable,
      })),
  ]
}

/** The right page under a wrong name: refusing it is as good as reading it. */
export const isReadable = ({ effect }: Trouble): boolean =>
  effect.kind === 'garbage' && effect.garbage === 'wrong_content_type'

const garbageNames: Readonly<Record<Garbage, string>> = {
  html: 'a page of HTML',
  truncated_json: 'truncated JSON',
  null: 'null',
  array: 'an empty array',
  object: 'an empty object',
  empty_body: 'an empty body',
  wrong_content_type: 'a page declared as HTML',
  broken_gzip: 'gzip that cannot be unpacked',
}

/** Where upstream writes a page without records just so, nobody can tell. */
function isEmptyPage(listing: ListingContract, garbage: Garbage): boolean {
  if (garbage !== 'array' && garbage !== 'object') return false
  const url = new URL(listing.path, 'http://127.0.0.1')
  const request = { method: 'GET', url, query: url.searchParams, headers: {}, body: '', params: {} }
  const { json } = listing.answers({ items: [], offset: 0, page: 1, limit: 1, total: 0, url, request })
  return isDeepStrictEqual(json, garbage === 'array' ? [] : {})
}
