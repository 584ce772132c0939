import { gzipSync } from 'node:zlib'
import { type Answer, jsonHeaders } from './answer.ts'
import type { AnswerEffect, FaultEffect, Garbage, RetryAfter } from './fault-effect.ts'

/** The answer a fault makes of the plain one: another in its place, its text garbled, or the same. */
export function faultAnswer(
  effect: FaultEffect | undefined,
  { plain, now }: { readonly plain: () => Answer; readonly now: Date },
): Answer {
  if (effect?.kind === 'status') return statusAnswer(effect, now)
  const answer = plain()
  return effect?.kind === 'garbage' && answer.status === 200 ? garble[effect.garbage](answer) : answer
}

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
