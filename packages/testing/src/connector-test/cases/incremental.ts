import { deepEqual, equal, ok } from 'node:assert/strict'
import { plainEntries, plainEntry } from '../server/served-entry.ts'
import { expectEqualsUpstream, expectSuccess, requestCount } from '../trial/expectations.ts'
import { type CaseSubject, connectorCases } from '../trial/harness.ts'

const hourMs = 3_600_000
/** Some upstreams know days only. */
const coarsestMs = 24 * hourMs
const pageSize = 2

export function testIncremental(subject: CaseSubject): void {
  const { listing, resourceType, createConnectorType } = subject
  connectorCases(subject, 'incremental', (test) => {
    test('the contract and the type say the same about incremental listings', async () => {
      const type = await createConnectorType()
      equal(type.resourceTypes[resourceType]?.incremental ?? false, listing.incremental ?? false)
    })
    if (listing.incremental !== true) return

    test('asks with modifiedSince on every page, never a later one, and gets only the changes', async (open) => {
      const entries = plainEntries(listing, 9)
      const trial = await open({ entries, pageSize })
      const { upstream, process } = trial
      expectSuccess(await trial.sync({ mode: 'full' }))
      ok(trial.newRequests().every(({ modifiedSince }) => modifiedSince === undefined))
      await process.clock.advance(coarsestMs + hourMs)
      const updatedAt = process.clock.now().toISOString()
      const renamed = [1, 4, 6, 8].map((index) => ({ index, name: `Renamed ${index}` }))
      const changed = new Map(
        renamed.map(({ index, name }) => [index, plainEntry(listing, index, { name, updatedAt })]),
      )
      upstream.serve(resourceType, [
        ...entries.map((entry, index) => changed.get(index) ?? entry),
        plainEntry(listing, 9, { updatedAt }),
      ])
      await process.clock.advance(hourMs)

      const calls = process.calls.length
      const run = await trial.sync({ mode: 'incremental' })
      expectSuccess(run)
      const { added, updated, staled, totalUpstreamRecords } = run.stats
      deepEqual(
        { added, updated, staled, totalUpstreamRecords },
        {
          added: 1,
          updated: 4,
          staled: 0,
          totalUpstreamRecords: 5,
        },
      )
      await expectEqualsUpstream(trial)
      const requests = trial.newRequests().filter((request) => request.listing)
      equal(requests.length, requestCount(listing, 5, pageSize))
      const since = Date.parse(process.calls[calls]?.modifiedSince ?? '')
      for (const { modifiedSince, number } of requests) {
        const asked = Date.parse(modifiedSince ?? '')
        ok(asked <= since, `request ${number} asks from ${modifiedSince} on, later than the run says`)
        ok(
          since - asked <= coarsestMs,
          `request ${number} asks from ${modifiedSince} on, long before the run says`,
        )
      }
    })
  })
}
