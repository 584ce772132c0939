import { enterLimits } from '../limits/rate-policy.ts'
import { defaultErrorRules } from '../replies/default-rules.ts'
import { findRule } from '../replies/error-rule.ts'
import { judgeReply } from '../replies/judge-reply.ts'
import { type ClientParts, limitedCall } from '../requests/client-parts.ts'
import { readResponse } from '../requests/read-response.ts'
import { nameOf, parseBaseUrl, wireRequest } from '../requests/wire-request.ts'
import { exchange } from '../transport/exchange.ts'
import type { AuthCall } from './authenticator.ts'
import { credentialRejected } from './credential-rejected.ts'

/** The engine gives an exchange twenty seconds: half of them are for the answer. */
const maxWaitMs = 10_000

/** What the authenticator of a call may use. */
export function authCall<Config>(parts: ClientParts<Config>): AuthCall {
  const { context, transport, baseUrl } = parts
  return {
    credential: context.credential,
    clock: context.clock,
    async ask({ url, errorRules = [], ...rest }, signal) {
      const target = parseBaseUrl(new URL(url, baseUrl).href)
      const wire = wireRequest({ ...rest, link: target.href }, { url: target.origin, headers: {} })
      const name = nameOf(wire)
      // Who issues tokens for many APIs, elsewhere, counts for itself.
      const counts = target.origin === parseBaseUrl(baseUrl).origin
      const limited = { ...limitedCall(parts), policies: counts ? parts.policies : [], signal, maxWaitMs }
      const release = await enterLimits(limited, { ...rest, path: target.pathname })
      try {
        const answer = await exchange(transport, wire, signal)
        const read = await readResponse(answer, { decode: undefined, url: target, secrets: [], name })
        const rule = findRule([...errorRules, credentialRejected, ...defaultErrorRules], read.response)
        return judgeReply(rule, { ...read, request: name, now: context.clock.now() })
      } finally {
        await release()
      }
    },
  }
}
