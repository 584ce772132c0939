import type { UpstreamRecord } from '@syncline/core'

const firstNames = ['Ada', 'Grace', 'Łukasz', 'Mária', 'Chen', 'Olu', 'Priya', 'Søren', 'Noor', 'Yuki']
const lastNames = [
  'Lovelace',
  'Hopper',
  'Nowak',
  'Novák',
  'Wei',
  'Adeyemi',
  'Raman',
  'Ødegård',
  'Haddad',
  'Tanaka',
]
const departments = ['Engineering', 'Finance', 'People', 'Sales', 'Legal', 'Support', 'IT']
const cities = ['Berlin', 'Austin', 'Kraków', 'Lagos', 'Pune', 'Oslo', 'Osaka']

/** One person of a directory by number, about 406 bytes of JSON; the revision changes its content, not its key. */
export function directoryRecord(number: number, revision: number): UpstreamRecord {
  const draw = draws(number * 7919 + 13)
  const firstName = pick(firstNames, draw())
  const lastName = pick(lastNames, draw())
  const text = number.toString(36)
  return {
    externalId: externalIdOf(number),
    displayName: `${firstName} ${lastName}`,
    email: number % 50 === 0 ? null : `user.${text}@corp-${(number % 37).toString(36)}.example`,
    attributes: {
      status: statusOf(revision),
      firstName,
      lastName,
      department: pick(departments, draw()),
      title: 'Senior Specialist',
      employeeNumber: 100_000 + number,
      manager: `00u${Math.trunc(number / 10).toString(36)}`,
      location: { country: 'DE', city: pick(cities, draw()), remote: draw() > 0.5 },
      groups: ['everyone', `team-${Math.trunc(draw() * 400)}`, `role-${Math.trunc(draw() * 40)}`],
      lastLogin: `2026-11-${10 + Math.trunc(draw() * 10)}T08:${10 + Math.trunc(draw() * 49)}:00.000Z`,
      mfa: draw() > 0.2,
    },
  }
}

/** Scattered, so that neighbours in a listing are far apart in an index. */
export const externalIdOf = (number: number): string =>
  `00u${((number * 2_654_435_761) % 4_294_967_296).toString(36)}x${number.toString(36)}`

/** Where a record shows its revision, so that stored rows can be counted by it. */
export const statusOf = (revision: number): string => (revision === 0 ? 'ACTIVE' : `ACTIVE-${revision}`)

const pick = (values: readonly string[], draw: number): string =>
  values[Math.trunc(draw * values.length)] ?? ''

/** Mulberry32: the same numbers for the same seed, everywhere. */
function draws(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = Math.trunc(state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
