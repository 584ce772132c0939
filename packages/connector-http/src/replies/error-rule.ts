import type { ErrorCode } from '@syncline/core'
import type { HttpResponse } from '../requests/http-response.ts'

/**
 * What to do about an answer.
 * ```
 * accept    it is good
 * empty     it means "nothing there": no records and no page after it
 * throttle  too fast: RATE_LIMITED, with how long to wait
 * retry     upstream's trouble: UPSTREAM_UNAVAILABLE, tried again by the engine
 * renew     the credential was refused: renew it and ask once more, then UNAUTHORIZED
 * restart   the page token or delta is gone: DELTA_EXPIRED, a full listing begins
 * fail      the request is refused: UPSTREAM_REJECTED, not tried again
 * ```
 */
export type ReplyAction = 'accept' | 'empty' | 'throttle' | 'retry' | 'renew' | 'restart' | 'fail'

/**
 * Who can mend it: `config` the one who set the connector up, `transient` time, `system` whoever wrote the connector
 * or runs upstream.
 */
export type FailureType = 'config' | 'transient' | 'system'

/** One rule of an error handler: the first whose conditions all hold decides. */
export interface ErrorRule {
  /** @default any */
  readonly status?: number | readonly number[] | undefined
  /** @default always */
  readonly when?: ((response: HttpResponse) => boolean) | undefined
  readonly action: ReplyAction
  /** How long upstream wants to be left alone; for `throttle` and `retry`. @default what the headers say, see `throttleWaitMs` */
  readonly waitMs?: ((response: HttpResponse, now: Date) => number | undefined) | undefined
  /** Instead of the action's own code. */
  readonly code?: ErrorCode | undefined
  /** @default `transient` for throttle and retry, `config` for renew and fail, `system` for restart */
  readonly failureType?: FailureType | undefined
  /** What it means, for people. Never anything of the answer that might be secret. @default the status */
  readonly message?: string | undefined
}

/** The action the first matching rule names. */
export const findRule = (rules: readonly ErrorRule[], response: HttpResponse): ErrorRule | undefined =>
  rules.find(
    ({ status, when }) =>
      (status === undefined || [status].flat().includes(response.status)) &&
      (when === undefined || when(response)),
  )
