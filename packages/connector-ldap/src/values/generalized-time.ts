/** `YYYYMMDDhh[mm[ss]][fraction](Z|±hh[mm])`: generalized time, RFC 4517, section 3.3.13. */
const pattern = /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?(?:[.,](\d+))?(Z|([+-])(\d\d)(\d\d)?)$/

/** The instant as ISO text in UTC. Undefined for text that is no generalized time. */
export function parseGeneralizedTime(text: string): string | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, , sign, zoneHour = '0', zoneMinute = '0'] = match
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  // What is out of range rolls over, and years before 100 become those of the twentieth century.
  if (midnight.toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return undefined
  const inHours = Number(hour) < 24 && Number(minute ?? 0) < 60 && Number(second ?? 0) <= 60
  if (!inHours) return undefined
  // The fraction is of whatever unit stands last.
  const unitMs = second !== undefined ? 1_000 : minute !== undefined ? 60_000 : 3_600_000
  const ms =
    Number(hour) * 3_600_000 +
    Number(minute ?? 0) * 60_000 +
    Number(second ?? 0) * 1_000 +
    Math.floor(Number(`0.${fraction ?? '0'}`) * unitMs)
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000 * (sign === '-' ? -1 : 1)
  return new Date(midnight.getTime() + ms - offset).toISOString()
}

/** An instant as generalized time in UTC, cut to the second: what directories keep, and never later than asked. */
export function generalizedTime(iso: string): string {
  // Active Directory wants a fraction, OpenLDAP takes one.
  return `${new Date(iso).toISOString().slice(0, 19).replace(/[-:T]/g, '')}.0Z`
}
