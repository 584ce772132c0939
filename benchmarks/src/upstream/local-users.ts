import { directoryRecord, externalIdOf } from './directory-record.ts'

/** What matching is to come to, strategy by strategy. */
export interface ExpectedMatches {
  readonly exact: number
  readonly probable: number
  readonly unmatched: number
}

/** A user of a host, as a row of `local_user`. */
interface LocalUserRow {
  readonly id: string
  readonly email: string | null
  readonly sub: string | null
  readonly upstream_id: string | null
}

/** Of ten people, six are found by e-mail, two by their upstream id, one by their subject, and one is not known. */
export function localUser(number: number): LocalUserRow {
  const kind = number % 10
  const { email = null } = directoryRecord(number, 0)
  return {
    id: `user-${number}`,
    email: kind < 6 ? (email?.toUpperCase() ?? null) : `other-${number}@elsewhere.example`,
    sub: kind === 8 ? externalIdOf(number) : null,
    upstream_id: kind === 6 || kind === 7 ? externalIdOf(number) : null,
  }
}

/** What comes of matching so many resources by e-mail, then upstream identity, then external id. */
export function expectedMatches(records: number): ExpectedMatches {
  const expected = { exact: 0, probable: 0, unmatched: 0 }
  for (let number = 0; number < records; number++) {
    const kind = number % 10
    // One in fifty has no e-mail.
    if (kind < 6) expected[number % 50 === 0 ? 'unmatched' : 'exact']++
    else expected[kind < 9 ? 'probable' : 'unmatched']++
  }
  return expected
}
