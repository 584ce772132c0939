import { deepEqual, equal, ok } from 'node:assert/strict'
import { expectFailure, expectSuccess, held } from './expectations.ts'
import { type CaseSubject, connectorCases } from './harness.ts'
import { longAgo, plainEntries, served } from './served-entry.ts'
import { roundedNumber, unsafeNumber, unsafeNumberPlaceholder } from './unsafe-number.ts'

export function testNumbers(subject: CaseSubject): void {
  const { listing } = subject
  if (listing.ids !== 'number') return
  connectorCases(subject, 'numbers', (test) => {
    test('an id beyond 2^53 is refused or kept exactly, never rounded to the id of another', async (open) => {
      const entry = { id: unsafeNumberPlaceholder, name: 'Beyond', email: null, updatedAt: longAgo }
      const plain = plainEntries(listing, 2)
      const trial = await open({ entries: [...plain, served(listing, entry)] })
      const run = await trial.sync()
      const ids = (await held(trial)).map(({ externalId }) => externalId)
      ok(!ids.includes(roundedNumber), `${unsafeNumber} became ${roundedNumber}`)
      if (run.status !== 'success') {
        expectFailure(run, ['CONNECTOR_ANSWER_INVALID', 'CONNECTOR_FAILED'])
        return
      }
      expectSuccess(run)
      const kept = plain.map(({ record }) => record.externalId)
      if (run.stats.quarantined === 0) kept.push(unsafeNumber)
      deepEqual(ids, kept.toSorted())
      equal(run.stats.totalUpstreamRecords, 3)
    })
  })
}
