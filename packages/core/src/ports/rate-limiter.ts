/** At most `limit` in any stretch of time of `perMs`, however it is laid: a sliding window. */
export interface RateWindow {
  readonly limit: number
  readonly perMs: number
}

/** What must all hold before something may start. */
export interface RateLimits {
  /** Several at once, such as 3 a second and 90 in ten. @default none */
  readonly windows?: readonly RateWindow[] | undefined
  /** Between one start and the next. @default 0 */
  readonly minSpacingMs?: number | undefined
  /** Started and not yet released. @default no limit */
  readonly concurrency?: number | undefined
}

/** Asks to start one thing. */
export interface PermitRequest {
  /** What is limited together. Everyone who uses a key must name the same limits. */
  readonly key: string
  readonly limits: RateLimits
  /** How much of each window it takes; of `concurrency` it takes one. @default 1 */
  readonly weight?: number | undefined
  /** The longest wait. @default none */
  readonly maxWaitMs?: number | undefined
  /** A permit held longer counts as released then, because its process may have died. @default 300_000 */
  readonly holdMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** The right to have started. */
export interface Permit {
  /** How long the start was waited for. */
  readonly waitedMs: number
  /**
   * What was started has ended. Must be called; more calls do nothing. Never rejects. Places in a window become free
   * their `perMs` after this, not after the start: only then has upstream counted the request for certain, so its
   * own count never exceeds the limit, whatever the network delays.
   */
  release(): Promise<void>
}

/**
 * Limits how often things start, for all users of a key. Requests of a key start in the order they were made: a
 * heavy one is not overtaken by light ones.
 */
export interface RateLimiter {
  /**
   * Resolves when the thing may start.
   * @throws RATE_LIMITED with `retryAfterMs` when it may not within `maxWaitMs`; OPTIONS_INVALID when it never may,
   * or the limits are no positive whole numbers; the signal's reason when that aborts. None of these takes a place.
   */
  acquire(request: PermitRequest): Promise<Permit>
}
