import { parseRetryAfter } from '@syncline/core'
import type { HttpResponse } from '../requests/http-response.ts'

/** Wait at least this long, in seconds: Qualys. */
const secondsHeaders = ['x-ratelimit-towait-sec']
/** When the budget is whole again: seconds or milliseconds since 1970, seconds from now, or a date. */
const resetHeaders = ['x-ratelimit-reset', 'x-rate-limit-reset', 'ratelimit-reset']
const remainingHeaders = ['x-ratelimit-remaining', 'x-rate-limit-remaining', 'ratelimit-remaining']

/**
 * How long an answer asks to wait, in milliseconds: the longest of what its headers say. Undefined when they say
 * nothing. Dates are compared with upstream's own clock (`Date`) where it sends one, so that a clock of ours that is
 * ahead never cuts a wait short.
 */
export function throttleWaitMs(response: HttpResponse, now: Date): number | undefined {
  const upstreamNow = dateOf(response.header('date')) ?? now
  const waits = [
    ...(response.headers['retry-after'] ?? []).map((value) => parseRetryAfter(value, upstreamNow)),
    ...secondsHeaders.map((name) => parseRetryAfter(response.header(name), upstreamNow)),
    ...(budgetIsLeft(response)
      ? []
      : resetHeaders.map((name) => resetWaitMs(response.header(name), upstreamNow))),
  ].filter((wait) => wait !== undefined)
  return waits.length === 0 ? undefined : Math.max(...waits)
}

/**
 * How long until an instant that upstream names as seconds or milliseconds since 1970, seconds from now, or a date.
 * Never negative; undefined when the value means nothing.
 */
export function resetWaitMs(value: string | number | undefined, now: Date): number | undefined {
  const text = String(value ?? '').trim()
  if (/^\d+(\.\d+)?$/.test(text)) return numberWaitMs(Number(text), now)
  const at = /^\d{4}-\d\d-\d\dT/.test(text) ? dateOf(text) : undefined
  return at === undefined ? parseRetryAfter(text, now) : Math.max(0, at.getTime() - now.getTime())
}

/** No budget refills in more than 30 years, so a large number is an instant. */
function numberWaitMs(number: number, now: Date): number {
  if (number >= 1e12) return Math.max(0, Math.ceil(number) - now.getTime())
  if (number >= 1e9) return Math.max(0, Math.ceil(number * 1000) - now.getTime())
  return Math.ceil(number * 1000)
}

/** A limit of another kind was hit: the reset of this budget says nothing about it. */
const budgetIsLeft = (response: HttpResponse): boolean =>
  remainingHeaders.some((name) => Number(response.header(name) ?? 0) > 0)

function dateOf(text: string | undefined): Date | undefined {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? undefined : new Date(ms)
}
