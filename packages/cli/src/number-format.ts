/** 12345 → 12,345 */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US')

/** 1, 'page' → 1 page; 2, 'page' → 2 pages */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** 950 → 1.0 s, 75000 → 1 min 15 s */
export function duration(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/** 2026-11-30 23:01: UTC, to the minute. */
export const minute = (at: Date): string => at.toISOString().slice(0, 16).replace('T', ' ')
