const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

// The three forms of RFC 9110, section 5.6.7. The weekday is not compared with the date.
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`
const dateForms = [
  new RegExp(String.raw`^[a-z]{3}, (?<day>\d\d) (?<month>[a-z]{3}) (?<year>\d{4}) ${time} GMT$`, 'i'),
  new RegExp(String.raw`^[a-z]{6,9}, (?<day>\d\d)-(?<month>[a-z]{3})-(?<year>\d\d) ${time} GMT$`, 'i'),
  new RegExp(String.raw`^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]\d) ${time} (?<year>\d{4})$`, 'i'),
]

/**
 * How long a `Retry-After` header asks to wait, in milliseconds: delay-seconds or any of the three date forms
 * (RFC 9110, section 10.2.3). A date in the past is 0. Undefined when there is no header or it means nothing
 * (negative, fractional, garbage). Very long waits are kept, as a finite number: the caller decides.
 */
export function parseRetryAfter(value: string | null | undefined, now: Date): number | undefined {
  const text = value?.trim() ?? ''
  // Digits first: Date.parse takes "0" and "120" for dates.
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER)
  const at = parseHttpDate(text, now)
  return at === undefined ? undefined : Math.max(0, at - now.getTime())
}

function parseHttpDate(text: string, now: Date): number | undefined {
  const parts = dateForms.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined)
  if (parts === undefined) return undefined
  const day = Number(parts.day)
  const month = monthNames.indexOf((parts.month ?? '').toLowerCase())
  const [hour, minute, second] = [Number(parts.hour), Number(parts.minute), Number(parts.second)]
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(fullYear(parts.year ?? '', now), month, day)
  // 31 February would have rolled over into March.
  if (date.getUTCMonth() !== month) return undefined
  return date.setUTCHours(hour, minute, second)
}

/** Two digits that look more than 50 years ahead mean the past (RFC 9110, section 5.6.7). */
function fullYear(digits: string, now: Date): number {
  if (digits.length === 4) return Number(digits)
  const thisYear = now.getUTCFullYear()
  const year = thisYear - (thisYear % 100) + Number(digits)
  return year > thisYear + 50 ? year - 100 : year
}
