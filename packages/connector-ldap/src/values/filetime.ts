/** Milliseconds between 1601-01-01, where FILETIME begins, and 1970-01-01. */
const epochMs = 11_644_473_600_000n
const never = 0x7fff_ffff_ffff_ffffn
/** The end of the year 9999, the last with four digits. */
const latestMs = 253_402_300_799_999n

/**
 * A FILETIME, 100 ns steps since 1601 in UTC ([MS-DTYP] 2.3.3), as ISO text. Null for 0 and for the greatest value,
 * which mean never; undefined for text that is no FILETIME.
 */
export function parseFiletime(text: string): string | null | undefined {
  if (!/^\d{1,19}$/.test(text)) return undefined
  const steps = BigInt(text)
  if (steps === 0n || steps === never) return null
  const ms = steps / 10_000n - epochMs
  return ms > latestMs ? undefined : new Date(Number(ms)).toISOString()
}
