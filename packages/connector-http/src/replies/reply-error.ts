import { type ErrorCode, SyncError } from '@syncline/core'
import type { HttpResponse } from '../requests/http-response.ts'
import type { ErrorRule, FailureType, ReplyAction } from './error-rule.ts'
import { throttleWaitMs } from './throttle-wait.ts'

type FailingAction = Exclude<ReplyAction, 'accept' | 'empty'>

const meanings: Readonly<Record<FailingAction, { code: ErrorCode; failureType: FailureType; text: string }>> =
  {
    throttle: { code: 'RATE_LIMITED', failureType: 'transient', text: 'asks for a pause' },
    retry: { code: 'UPSTREAM_UNAVAILABLE', failureType: 'transient', text: 'is in trouble' },
    renew: { code: 'UNAUTHORIZED', failureType: 'config', text: 'refuses the credential' },
    restart: { code: 'DELTA_EXPIRED', failureType: 'system', text: 'no longer knows the place to read from' },
    fail: { code: 'UPSTREAM_REJECTED', failureType: 'config', text: 'refuses the request' },
  }

/** A hundred years: what lies beyond has no place in a calendar. */
const maxWaitMs = 100 * 365 * 86_400_000

/** Undefined for what is not a length of time. */
const boundedWait = (ms: number | undefined): number | undefined =>
  ms !== undefined && ms >= 0 ? Math.min(ms, maxWaitMs) : undefined

/** The error an answer stands for. It holds nothing of the answer but its status. */
export function replyError(
  rule: ErrorRule & { readonly action: FailingAction },
  reply: { readonly response: HttpResponse; readonly request: string; readonly now: Date },
): SyncError {
  const { response, request, now } = reply
  const meaning = meanings[rule.action]
  const asksToWait = rule.action === 'throttle' || rule.action === 'retry'
  const retryAfterMs = asksToWait ? boundedWait((rule.waitMs ?? throttleWaitMs)(response, now)) : undefined
  const text = rule.message ?? `upstream ${meaning.text}`
  return new SyncError(rule.code ?? meaning.code, `${request} answered ${response.status}: ${text}`, {
    details: { status: response.status, failureType: rule.failureType ?? meaning.failureType },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}
