import type { HttpResponse } from '../requests/http-response.ts'
import type { ErrorRule } from './error-rule.ts'
import { replyError } from './reply-error.ts'

/** A reply to be judged. */
export interface Reply {
  readonly response: HttpResponse
  /** For messages. */
  readonly request: string
  readonly now: Date
}

/** The answer, where the rule calls it good. @throws what the rule makes of it; without one it is refused */
export function judgeReply(rule: ErrorRule | undefined, reply: Reply): HttpResponse {
  const { action } = rule ?? { action: 'fail' as const }
  if (action === 'accept') return reply.response
  if (action === 'empty') return { ...reply.response, empty: true }
  throw replyError({ ...rule, action }, reply)
}
