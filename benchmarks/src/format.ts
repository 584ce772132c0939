/** 500 → 500, 10000 → 10k, 12300 → 12.3k, 1000000 → 1m */
export function formatSize(records: number): string {
  if (records >= 1_000_000) return `${records / 1_000_000}m`
  return records >= 1_000 ? `${records / 1_000}k` : `${records}`
}

/** 12345 → 12,345 */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US')
