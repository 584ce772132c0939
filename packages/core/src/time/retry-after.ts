const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.\d{1,9})?`
const zone = String.raw`(?: ?(?<zone>GMT|UTC|UT|Z|[+-]\d\d:?\d\d))?`
// The three forms of RFC 9110, section 5.6.7, with the zones and digits that servers write into them, and ISO 8601.
// The weekday is not compared with the date. A date without a zone is in GMT, as every date of HTTP is.
const dateForms = [
  new RegExp(
    String.raw`^(?:[a-z]{3,9},? ?)?(?<day>\d{1,2})[ -](?<month>[a-z]{3,9})[ -](?<year>\d{4}|\d\d) ${time}${zone}$`,
    'i',
  ),
  new RegExp(String.raw`^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]?\d) ${time} (?<year>\d{4})$`, 'i'),
  new RegExp(String.raw`^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[T ]${time}${zone}$`, 'i'),
]

const delayForm = /^(?<amount>\d{1,400}(?:\.\d{1,400})?|\.\d{1,400})(?: ?(?<unit>[a-z]{1,12}))?$/i
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  secs: 1_000,
  second: 1_000,
  seconds: 1_000,
  m: 60_000,
  min: 60_000,
  mins: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
}

/** How long to wait where upstream asks for a pause in words that cannot be read. */
const unreadablePauseMs = 60_000

/** Longer values are not read. */
const maxLength = 1_000

/**
 * How long a `Retry-After` header asks to wait, in whole milliseconds, rounded up: seconds, fractions and units
 * included, or a date (RFC 9110, section 10.2.3). A date in the past is 0. Of several joined values, as proxies make
 * them of repeated headers, the longest counts. A value that cannot be read, such as a negative number, counts as a
 * minute, because upstream did ask for a pause. Very long waits are kept, as a finite number: the caller decides.
 * @returns undefined when there is no header, or it is empty
 */
export function parseRetryAfter(value: string | null | undefined, now: Date): number | undefined {
  const text = value?.trim() ?? ''
  if (text === '') return undefined
  if (text.length > maxLength) return unreadablePauseMs
  return Math.max(...joinedValues(text).map((hint) => readHint(hint, now) ?? unreadablePauseMs))
}

const weekday = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}$/i

/** Values stand between commas, and so does the weekday of a date. */
function joinedValues(text: string): readonly string[] {
  const values: string[] = []
  let day = ''
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (weekday.test(part)) day = `${part}, `
    else if (part !== '') {
      values.push(day + part)
      day = ''
    }
  }
  // A word that no date follows is a value that cannot be read.
  return day === '' && values.length > 0 ? values : [...values, day]
}

function readHint(text: string, now: Date): number | undefined {
  // Numbers first: Date.parse takes "0" and "120" for dates.
  const { amount, unit = 's' } = delayForm.exec(text.replace(/["';]/g, '').trim())?.groups ?? {}
  if (amount !== undefined) {
    const ms = Math.ceil(Number(amount) * (unitMs[unit.toLowerCase()] ?? Number.NaN))
    return Number.isNaN(ms) ? undefined : Math.min(ms, Number.MAX_SAFE_INTEGER)
  }
  const at = parseDate(text, now)
  return at === undefined ? undefined : Math.max(0, at - now.getTime())
}

function parseDate(text: string, now: Date): number | undefined {
  const parts = dateForms.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined)
  if (parts === undefined) return undefined
  const day = Number(parts.day)
  const month = monthOf(parts.month ?? '')
  const [hour, minute, second] = [Number(parts.hour), Number(parts.minute), Number(parts.second)]
  if (month < 0 || month > 11 || hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(fullYear(parts.year ?? '', now), month, day)
  // 31 February would have rolled over into March.
  if (date.getUTCMonth() !== month) return undefined
  return date.setUTCHours(hour, minute, second) - offsetMs(parts.zone)
}

const monthOf = (month: string): number =>
  /^\d/.test(month) ? Number(month) - 1 : monthNames.indexOf(month.slice(0, 3).toLowerCase())

function offsetMs(text = 'Z'): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? []
  const ms = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
  return sign === '-' ? -ms : ms
}

/** Two digits that look more than 50 years ahead mean the past (RFC 9110, section 5.6.7). */
function fullYear(digits: string, now: Date): number {
  if (digits.length === 4) return Number(digits)
  const thisYear = now.getUTCFullYear()
  const year = thisYear - (thisYear % 100) + Number(digits)
  return year > thisYear + 50 ? year - 100 : year
}

/**
 * A pause that a connector asks for in milliseconds: whole and finite, at least 0. What is no number, or NaN, counts
 * as a minute.
 */
export function readPauseMs(hint: unknown): number {
  if (typeof hint !== 'number' || Number.isNaN(hint)) return unreadablePauseMs
  return Math.min(Math.max(0, Math.ceil(hint)), Number.MAX_SAFE_INTEGER)
}
