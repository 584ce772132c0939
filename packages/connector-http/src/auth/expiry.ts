/** A hundred years: a longer lifetime is an instant or another mistake. */
const maxLifetimeMs = 100 * 365 * 86_400_000

/** The last instant that every store can hold: the end of the year 9999. */
const maxInstant = Date.UTC(10_000, 0, 1) - 1

/**
 * Returns when something expires that lives so long. Undefined, which means "until upstream refuses it", for a lifetime
 * that is unknown or cannot be: none, negative, not finite, or above a hundred years.
 */
export function expiryAfter(fromMs: number, lifetimeMs: number | undefined): Date | undefined {
  if (lifetimeMs === undefined || !(lifetimeMs > 0 && lifetimeMs <= maxLifetimeMs)) return undefined
  return believable(new Date(fromMs + lifetimeMs))
}

/** Returns the instant, or undefined for one that no store can hold. */
export function believable(instant: Date | undefined): Date | undefined {
  const ms = instant?.getTime() ?? Number.NaN
  return ms >= 0 && ms <= maxInstant ? instant : undefined
}
