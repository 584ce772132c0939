import { Cron } from 'croner'
import { SyncError } from '../errors.ts'

const maxLength = 64

/**
 * Checks a schedule: five fields (minute, hour, day of month, month, day of week), by default in UTC, where no hour
 * is skipped or repeated. Seconds, nicknames such as `@daily`, dates and `?` (in some dialects the present minute, so a
 * pattern would mean something else on every start) are refused, and so is a day that never comes.
 * @param timeZone an IANA name; @default UTC
 * @returns the pattern as given
 * @throws CRON_INVALID
 */
export function parseCron(pattern: string, timeZone = 'UTC'): string {
  if (next(pattern, new Date(0), timeZone) === null) throw invalid(pattern, 'it never comes due')
  return pattern
}

/**
 * The first instant after `after` at which the schedule is due; undefined when it never is again. A time of day that
 * a time zone skips comes when the clocks have gone on; one that it repeats comes the first time.
 * @throws CRON_INVALID
 */
export function nextTick(pattern: string, after: Date, timeZone = 'UTC'): Date | undefined {
  return next(pattern, after, timeZone) ?? undefined
}

/**
 * Checks the name of a time zone.
 * @throws CRON_INVALID
 */
export function checkTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw new SyncError(
      'CRON_INVALID',
      `cronTimeZone: ${JSON.stringify(timeZone.slice(0, maxLength))} is not a time zone; write an IANA name, such as "Europe/Berlin"`,
      { details: { path: 'cronTimeZone' } },
    )
  }
}

function next(pattern: string, after: Date, timeZone: string): Date | null {
  const cron = compile(pattern, timeZone)
  try {
    return cron.nextRun(after)
  } catch {
    // A pattern that compiled fails for its zone only.
    checkTimeZone(timeZone)
    throw invalid(pattern, 'its next tick cannot be found')
  }
}

function compile(pattern: string, timeZone: string): Cron {
  if (pattern.length > maxLength) throw invalid(pattern, `it is longer than ${maxLength} characters`)
  const fields = pattern.trim().split(/\s+/)
  if (fields.length !== 5) throw invalid(pattern, 'it does not have exactly five fields')
  if (pattern.includes('?')) throw invalid(pattern, '"?" means different things to different schedulers')
  try {
    return new Cron(pattern, { mode: '5-part', timezone: timeZone, paused: true })
  } catch (error) {
    const fact = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'it cannot be read'
    throw invalid(pattern, fact)
  }
}

function invalid(pattern: string, fact: string): SyncError {
  const shown = JSON.stringify(pattern.slice(0, maxLength))
  return new SyncError(
    'CRON_INVALID',
    `cronSchedule: ${shown} is not a schedule: ${fact}; write five fields in UTC, such as "0 */6 * * *" for every six hours`,
    { details: { path: 'cronSchedule' } },
  )
}
