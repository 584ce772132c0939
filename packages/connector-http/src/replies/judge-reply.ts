import type { SyncError } from '@syncline/core'
import type { HttpResponse } from '../requests/http-response.ts'
import type { ErrorRule } from './error-rule.ts'
import { replyError } from './reply-error.ts'

/** A reply to be judged. */
export interface Reply {
  readonly response: HttpResponse
  /** Why its body is not what was asked for. */
  readonly unreadable: SyncError | undefined
  /** For messages. */
  readonly request: string
  readonly now: Date
}

/**
 * Returns the response, where the rule accepts it.
 * @throws the error of the rule; UPSTREAM_REJECTED without a rule; CONNECTOR_ANSWER_INVALID for an accepted response
 * whose body cannot be read
 */
export function judgeReply(rule: ErrorRule | undefined, reply: Reply): HttpResponse {
  const { action } = rule ?? { action: 'fail' as const }
  if (action === 'accept') {
    if (reply.unreadable) throw reply.unreadable
    return reply.response
  }
  if (action === 'empty') return { ...reply.response, empty: true }
  throw replyError({ ...rule, action }, reply)
}
