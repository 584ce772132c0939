import type { Credential } from '../model/credential.ts'

/** How long before its end a credential is refreshed, unless it lives for less than five times as long. */
const aheadMs = 300_000
const aheadShare = 0.2

/**
 * When a credential should be refreshed, in milliseconds since 1970: five minutes ahead of its expiry, or the last
 * fifth of its life where that is shorter. Undefined when it is not known to expire.
 */
export function refreshDueAt({
  expiresAt,
  savedAt,
}: Pick<Credential, 'expiresAt' | 'savedAt'>): number | undefined {
  if (expiresAt === undefined) return undefined
  const lifeMs = Math.max(0, expiresAt.getTime() - savedAt.getTime())
  return expiresAt.getTime() - Math.min(aheadMs, lifeMs * aheadShare)
}
