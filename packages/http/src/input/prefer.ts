/** How a client wants to be answered (RFC 7240). */
export interface Preference {
  readonly respondAsync: boolean
  /** The longest it waits, in milliseconds. */
  readonly waitMs?: number | undefined
}

/** A preference without its parameters: name, and perhaps a value. No blanks around it. */
const token = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[\t ]*=[\t ]*(?:"([^"]*)"|([^\t ";]*)))?$/
/** Longer than any preference that is known here. Bounds the work of the expression. */
const longestPreference = 200
const longestWait = 86_400

/**
 * The preferences that are known here; all others, and what cannot be read, are passed over, and of one that comes
 * twice the first counts (RFC 7240 §2).
 */
export function parsePrefer(header: string | undefined): Preference {
  const found = new Map<string, string>()
  for (const part of header?.split(',') ?? []) {
    if (part.length > longestPreference) continue
    const [, name, quoted, plain] = token.exec(withoutParameters(part)) ?? []
    const key = name?.toLowerCase()
    if (key !== undefined && !found.has(key)) found.set(key, quoted ?? plain ?? '')
  }
  const wait = found.get('wait')
  const isWait = wait !== undefined && /^\d{1,9}$/.test(wait)
  return {
    respondAsync: found.get('respond-async') === '',
    ...(isWait && { waitMs: Math.min(Number(wait), longestWait) * 1_000 }),
  }
}

function withoutParameters(part: string): string {
  const at = part.indexOf(';', part.lastIndexOf('"') + 1)
  return (at < 0 ? part : part.slice(0, at)).trim()
}

/** What was done of it, for `Preference-Applied` (RFC 7240 §3). */
export function appliedOf({ respondAsync, waitMs }: Preference): Readonly<Record<string, string>> {
  const applied = [
    ...(respondAsync ? ['respond-async'] : []),
    ...(waitMs === undefined ? [] : [`wait=${waitMs / 1_000}`]),
  ]
  return applied.length > 0 ? { 'preference-applied': applied.join(', ') } : {}
}
