import { parseRetryAfter } from '@syncline/core'
import type { HttpResponse } from '../requests/http-response.ts'

/** Wait at least this long, in seconds: Qualys. */
const secondsHeaders = ['x-ratelimit-towait-sec']
/** Wait at least this long, in milliseconds: Azure, OpenAI. */
const millisecondHeaders = ['retry-after-ms', 'x-ms-retry-after-ms']
/** When the budget is whole again: seconds or milliseconds since 1970, seconds from now, or a date. */
const resetHeaders = ['x-ratelimit-reset', 'x-rate-limit-reset', 'ratelimit-reset']
export const remainingHeaders = ['x-ratelimit-remaining', 'x-rate-limit-remaining', 'ratelimit-remaining']

/**
 * How long an answer asks to wait, in milliseconds: the longest of what its headers say. Undefined when they say
 * nothing. Dates are compared with upstream's own clock (`Date`) where it sends one, so that a clock of ours that is
 * ahead never cuts a wait short.
 */
export function throttleWaitMs(response: HttpResponse, now: Date): number | undefined {
  const upstreamNow = dateOf(response.header('date')) ?? now
  const valuesOf = (names: readonly string[]): readonly string[] =>
    names.flatMap((name) => response.headers[name] ?? [])
  const resets = budgetIsLeft(response) ? [] : valuesOf(resetHeaders)
  const waits = [
    ...valuesOf(['retry-after', ...secondsHeaders]).map((value) => parseRetryAfter(value, upstreamNow)),
    ...valuesOf(millisecondHeaders).map((value) => (isNumber(value) ? Math.ceil(Number(value)) : undefined)),
    ...resets.flatMap(splitNumbers).map((value) => resetWaitMs(value, upstreamNow)),
  ].filter((wait) => wait !== undefined)
  return waits.length === 0 ? undefined : Math.max(...waits)
}

/** Headers that were joined by a proxy; dates hold commas of their own. */
const splitNumbers = (value: string): readonly string[] =>
  /^[\d\s.,]{1,200}$/.test(value) ? value.split(',') : [value]

const isNumber = (text: string): boolean => /^\s{0,9}\d{1,20}(\.\d{1,20})?\s{0,9}$/.test(text)

/**
 * How long until an instant that upstream names as seconds or milliseconds since 1970, seconds from now, or a date.
 * Never negative; undefined when the value means nothing.
 */
export function resetWaitMs(value: string | number | undefined, now: Date): number | undefined {
  const text = String(value ?? '').trim()
  if (isNumber(text)) return numberWaitMs(Number(text), now)
  const at = /^\d{4}-\d\d-\d\dT/.test(text) ? dateOf(text) : undefined
  return at === undefined ? parseRetryAfter(text, now) : Math.max(0, at.getTime() - now.getTime())
}

/** No budget refills in more than 30 years, so a large number is an instant: in seconds, or in ever smaller units. */
function numberWaitMs(number: number, now: Date): number {
  if (number < 1e9) return Math.ceil(number * 1_000)
  const [, perMs = 1e6] = instantUnits.find(([below]) => number < below) ?? []
  return Math.max(0, Math.ceil(number / perMs) - now.getTime())
}

/** Instants of our time in seconds, milliseconds, microseconds and nanoseconds, by their size. */
const instantUnits = [
  [1e12, 1e-3],
  [1e15, 1],
  [1e18, 1e3],
] as const

/** A limit of another kind was hit: the reset of this budget does not belong to it. */
const budgetIsLeft = (response: HttpResponse): boolean =>
  remainingHeaders.some((name) => Number(response.header(name) ?? 0) > 0)

function dateOf(text: string | undefined): Date | undefined {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? undefined : new Date(ms)
}
