import { z } from 'zod'
import { SyncError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectorType } from '../ports/connector.ts'
import type { CredentialStore } from '../ports/credential-store.ts'
import type { EventSink } from '../ports/event-sink.ts'
import type { Logger } from '../ports/logger.ts'
import type { RateLimiter } from '../ports/rate-limiter.ts'
import type { Store } from '../ports/store.ts'
import { type Limits, type LimitsInput, limitsSchema } from '../sync/limits.ts'

/** What a host composes Syncline from. */
export interface SynclineOptions {
  /** Where everything is kept. @default a memory store: for trials and tests */
  readonly store?: Store | undefined
  readonly connectorTypes: readonly ConnectorType[]
  /** Where the secrets are that connectors refer to by `credentialRef`. @default none: such connectors have no credential */
  readonly credentials?: CredentialStore | undefined
  readonly limits?: LimitsInput | undefined
  /** How often connectors may call upstreams. Share one where several processes call them. @default a limiter of this process */
  readonly rateLimiter?: RateLimiter | undefined
  /**
   * Private, loopback and link-local networks that connectors may reach, as addresses or CIDR blocks: `10.20.0.0/16`,
   * `fd00::/8`. For connectors that check addresses, such as those made with `@syncline/connector-http`.
   * @default none: public addresses only
   */
  readonly allowedNetworks?: readonly string[] | undefined
  /** Receives every event. */
  readonly onEvent?: EventSink | undefined
  /** pino's shape. @default logs nothing */
  readonly logger?: Logger | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** Between 0 and 1, for the jitter of retries. @default Math.random */
  readonly random?: (() => number) | undefined
  /** Makes run ids. @default UUID v7 */
  readonly createRunId?: (() => string) | undefined
}

const nothing = (): void => undefined

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** @throws OPTIONS_INVALID */
export function parseLimits(limits: LimitsInput | undefined): Limits {
  const parsed = limitsSchema.safeParse(limits ?? {})
  if (parsed.success) return parsed.data
  throw new SyncError('OPTIONS_INVALID', `limits: ${describeIssues(parsed.error)}`)
}

/** zod's issues as one line: where and what. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`).join('; ')
}
