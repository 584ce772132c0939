import { SyncError } from '@syncline/core'

/**
 * The first release without a known way around the checks of a body or a header: CVE-2025-32442, CVE-2026-25223 and
 * CVE-2026-33806 (GHSA-247c-9743-5963) are mended in it.
 */
const oldest = [5, 8, 5] as const

/** @throws OPTIONS_INVALID */
export function requireFastify(version: string): void {
  const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? []
  const [major] = parts
  if (major === oldest[0] && !isOlder(parts)) return
  throw new SyncError(
    'OPTIONS_INVALID',
    `HTTP: Fastify ${version} is not supported; use 5.x from ${oldest.join('.')} on`,
  )
}

function isOlder(parts: readonly number[]): boolean {
  for (const [place, least] of oldest.entries()) {
    const part = parts[place] ?? 0
    if (part !== least) return part < least
  }
  return false
}
