import { SyncError } from '../errors.ts'

const dayMs = 86_400_000
const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: dayMs, w: 7 * dayMs }
const maxDays = 3_650

/**
 * Milliseconds of a retention such as `7d`: a positive whole number and `m`, `h`, `d` or `w`; at most ten years
 * (3650 days).
 * @param path what is parsed, for the message
 * @throws RETENTION_INVALID
 */
export function parseRetention(retention: unknown, path = 'staleRetention'): number {
  const text = String(retention)
  const [, digits, unit = ''] = /^([1-9]\d*)([mhdw])$/.exec(text) ?? []
  const ms = Number(digits) * (unitMs[unit] ?? Number.NaN)
  if (ms <= maxDays * dayMs) return ms
  const wrong = Number.isNaN(ms) ? 'is not a retention' : 'is too long'
  const shown = JSON.stringify(text.slice(0, 40))
  throw new SyncError(
    'RETENTION_INVALID',
    `${path}: ${shown} ${wrong}; write a positive whole number and m, h, d or w, such as "7d", at most "${maxDays}d"`,
    { details: { path, maxDays } },
  )
}
