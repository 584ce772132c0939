import type { ConnectorContext } from '@syncline/core'
import type { Authenticator } from '../auth/authenticator.ts'
import type { CircuitBreaker } from '../breaker/circuit-breaker.ts'
import type { LimitedCall, RatePolicy } from '../limits/rate-policy.ts'
import type { ErrorRule } from '../replies/error-rule.ts'
import type { Transport } from '../transport/exchange.ts'

/** Everything the requests of one call share. */
export interface ClientParts<Config> {
  readonly type: string
  readonly context: ConnectorContext<Config>
  readonly signal: AbortSignal
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly authenticator: Authenticator | undefined
  readonly policies: readonly RatePolicy<Config>[]
  readonly errorRules: readonly ErrorRule[]
  readonly breaker: CircuitBreaker
  readonly transport: Transport
}

/** Well above the deadline of a request: one under way must not count as ended. */
const holdFactor = 2

export const limitedCall = <Config>(parts: ClientParts<Config>): LimitedCall<Config> => ({
  ...parts,
  holdMs: parts.transport.timeoutMs * holdFactor,
})
