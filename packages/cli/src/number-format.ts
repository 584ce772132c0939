/** 12345 → 12,345 */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US')

/** 950 → 1.0 s, 75000 → 1 min 15 s */
export function duration(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
