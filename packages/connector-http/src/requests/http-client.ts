import { authCall } from '../auth/auth-call.ts'
import { defaultErrorRules } from '../replies/default-rules.ts'
import { type ErrorRule, findRule } from '../replies/error-rule.ts'
import { judgeReply } from '../replies/judge-reply.ts'
import { type Attempt, attempt } from './attempt.ts'
import type { ClientParts } from './client-parts.ts'
import type { HttpRequest } from './http-request.ts'
import type { HttpResponse } from './http-response.ts'

/** Sends a request and judges its answer. @throws what the error rules make of it, and what `exchange` throws */
export type Send = (request: HttpRequest) => Promise<HttpResponse>

/**
 * The client of one call. It never tries again after a failure, which is the engine's part, with one exception: after
 * a 401 the credential is renewed once.
 */
export function httpClient<Config>(parts: ClientParts<Config>): Send {
  const judge = (rule: ErrorRule | undefined, { response, unreadable, request }: Attempt): HttpResponse =>
    judgeReply(rule, { response, unreadable, request, now: parts.context.clock.now() })
  return (request) => {
    const rules = [...(request.errorRules ?? []), ...parts.errorRules, ...defaultErrorRules]
    return parts.breaker.run(async () => {
      const first = await attempt(parts, request)
      const rule = findRule(rules, first.response)
      if (rule?.action !== 'renew' || !(await renewed(parts, first.version))) return judge(rule, first)
      const second = await attempt(parts, request)
      return judge(findRule(rules, second.response), second)
    })
  }
}

async function renewed<Config>(parts: ClientParts<Config>, version: number | undefined): Promise<boolean> {
  if (version === undefined) return false
  return (await parts.authenticator?.renew?.(version, authCall(parts))) ?? false
}
