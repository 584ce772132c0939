import type { ConnectorContext, Permit, RateLimits } from '@syncline/core'
import type { HttpRequest } from '../requests/http-request.ts'

/** A limit of the vendor's, and which requests it counts together. Several may cover one request. */
export interface RatePolicy<Config = unknown> extends RateLimits {
  /** Tells it from the connector type's other policies. @default its place in the list */
  readonly name?: string | undefined
  /**
   * Who shares it: all connectors with the same credential, all connectors of the type, or those the function gives
   * the same name. @default 'credential'
   */
  readonly scope?: 'credential' | 'type' | ((context: ConnectorContext<Config>) => string) | undefined
  /** @default all requests */
  readonly covers?: ((request: HttpRequest) => boolean) | undefined
  /** How much of each window a request takes. @default 1 */
  readonly weight?: ((request: HttpRequest) => number) | undefined
  /** A request that would wait longer ends with RATE_LIMITED, and the run with it, to be resumed. @default 60_000 */
  readonly maxWaitMs?: number | undefined
}

const defaultMaxWaitMs = 60_000
const worthTellingMs = 1_000

/** What is needed to ask for permits. */
export interface LimitedCall<Config> {
  readonly type: string
  readonly policies: readonly RatePolicy<Config>[]
  readonly context: ConnectorContext<Config>
  /** How long a request may last at most. */
  readonly holdMs: number
  /** Whatever the policies say. @default as they say */
  readonly maxWaitMs?: number | undefined
  readonly signal: AbortSignal
}

/**
 * Waits until every policy lets the request start, in the order of the list, the same for everyone.
 * @returns what must be called when it has ended
 * @throws RATE_LIMITED with `retryAfterMs`
 */
export async function enterLimits<Config>(
  call: LimitedCall<Config>,
  request: HttpRequest,
): Promise<() => Promise<void>> {
  const { policies, context, holdMs, maxWaitMs: most = Number.POSITIVE_INFINITY, signal } = call
  const permits: Permit[] = []
  const release = async (): Promise<void> => {
    await Promise.all(permits.map((permit) => permit.release()))
  }
  try {
    for (const [index, policy] of policies.entries()) {
      if (policy.covers?.(request) === false) continue
      const { windows, minSpacingMs, concurrency, maxWaitMs = defaultMaxWaitMs } = policy
      const permit = await context.rateLimiter.acquire({
        key: JSON.stringify([call.type, policy.name ?? String(index), ...(await scopeOf(policy, context))]),
        limits: { windows, minSpacingMs, concurrency },
        weight: policy.weight?.(request) ?? 1,
        maxWaitMs: Math.min(maxWaitMs, most),
        holdMs,
        signal,
      })
      permits.push(permit)
      if (permit.waitedMs >= worthTellingMs) {
        context.logger.info(
          { connectorId: context.connectorId, waitedMs: permit.waitedMs },
          'waited for a rate limit',
        )
      }
    }
  } catch (error) {
    await release()
    throw error
  }
  return release
}

async function scopeOf<Config>(
  { scope = 'credential' }: RatePolicy<Config>,
  context: ConnectorContext<Config>,
): Promise<readonly string[]> {
  if (typeof scope === 'function') return ['own', scope(context)]
  if (scope === 'type') return []
  const credential = await context.credential?.get()
  return credential
    ? ['credential', credential.tenantId, credential.ref]
    : ['connector', context.tenantId, context.connectorId]
}
