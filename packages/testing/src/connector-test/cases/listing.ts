import { deepEqual, equal, ok } from 'node:assert/strict'
import { awkwardEntries } from '../server/awkward-entries.ts'
import { roundedNumber, unsafeNumber, unsafeNumberPlaceholder } from '../server/reply-answer.ts'
import { longAgo, plainEntries, sampleEntries, served } from '../server/served-entry.ts'
import {
  expectEqualsUpstream,
  expectFailure,
  expectSuccess,
  held,
  pageRange,
  pagesAsked,
  requestCount,
} from '../trial/expectations.ts'
import { type CaseSubject, connectorCases, type DeclareCase } from '../trial/harness.ts'
import type { Trial } from '../trial/trial.ts'

const aboveMaximum = 500

export function testListing(subject: CaseSubject): void {
  connectorCases(subject, 'listing', (test) => {
    testWhole(subject, test)
    testPartialPages(subject, test)
    testValues(subject, test)
    if (subject.listing.ids === 'number') testNumbers(subject, test)
  })
}

function testWhole({ listing }: CaseSubject, test: DeclareCase): void {
  test('lists every page and asks for nothing else', async (open) => {
    const trial = await open({ entries: [...plainEntries(listing, 9), ...sampleEntries(listing)] })
    expectSuccess(await trial.sync())
    await expectEqualsUpstream(trial)
    expectRequests(trial, { pageSize: 3 })
  })

  test('gives the same records whatever the page size, and asks for that size', async (open) => {
    const entries = plainEntries(listing, 7)
    for (const pageSize of [1, 2, 7, 8]) {
      const trial = await open({ entries, pageSize })
      expectSuccess(await trial.sync())
      await expectEqualsUpstream(trial)
      expectRequests(trial, { pageSize })
    }
  })

  test('an empty listing holds nothing and is no failure', async (open) => {
    const trial = await open({ entries: [] })
    const run = await trial.sync()
    // The guard of an empty listing has nothing to guard yet.
    expectSuccess(run)
    deepEqual(await held(trial), [])
    expectRequests(trial, { pageSize: 3 })
  })
}

function testPartialPages({ listing }: CaseSubject, test: DeclareCase): void {
  if (listing.paging === 'token') {
    test('goes on after an empty page that has a next one', async (open) => {
      const trial = await open()
      trial.upstream.faults.add(
        { path: listing.path, page: 1, effect: { kind: 'empty_page' } },
        { path: listing.path, page: 3, effect: { kind: 'empty_page' } },
      )
      expectSuccess(await trial.sync())
      await expectEqualsUpstream(trial)
      trial.upstream.faults.assertAllFired()
      deepEqual(pagesAsked(trial.newRequests()), pageRange(1, requestCount(listing, 9) + 2))
    })
  }

  if (listing.shortPages ?? listing.paging === 'token') {
    test('loses nothing when upstream puts fewer records on a page than asked for', async (open) => {
      const trial = await open({ shorten: 2, pageSize: 3 })
      expectSuccess(await trial.sync())
      await expectEqualsUpstream(trial)
    })
  }

  const { maxPageSize } = listing
  if (maxPageSize !== undefined && maxPageSize < aboveMaximum) {
    test('loses nothing when asked for more records than upstream puts on a page', async (open) => {
      const entries = plainEntries(listing, maxPageSize + 2)
      const trial = await open({ entries, pageSize: maxPageSize + 1 })
      expectSuccess(await trial.sync())
      await expectEqualsUpstream(trial)
      expectRequests(trial, { pageSize: maxPageSize + 1 })
    })
  }
}

function testValues({ listing, resourceType }: CaseSubject, test: DeclareCase): void {
  test('keeps every value byte for byte: ids, names and addresses that clients get wrong', async (open) => {
    const entries = [...awkwardEntries(listing), ...sampleEntries(listing)]
    const ids = entries.map(({ record }) => record.externalId)
    equal(new Set(ids).size, ids.length, `listings.${resourceType}: a sample has the id of another entry`)
    const trial = await open({ entries })
    expectSuccess(await trial.sync())
    await expectEqualsUpstream(trial)
  })
}

function testNumbers({ listing }: CaseSubject, test: DeclareCase): void {
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
    const kept = plain.map(({ record }) => record.externalId)
    if (run.stats.quarantined === 0) kept.push(unsafeNumber)
    deepEqual(ids, kept.toSorted())
    equal(run.stats.totalUpstreamRecords, 3)
  })
}

function expectRequests(trial: Trial, { pageSize }: { readonly pageSize: number }): void {
  const { subject, upstream } = trial
  const { listing, resourceType } = subject
  const listed = trial.newRequests().filter(({ listing: isListing }) => isListing)
  const others = listed.filter(({ type }) => type !== resourceType)
  equal(others.length, 0, `asked for ${others[0]?.type} while listing ${resourceType}`)
  const count = requestCount(listing, upstream.entries(resourceType).length, pageSize)
  equal(listed.length, count, `${count} requests list everything, the connector made ${listed.length}`)
  for (const { limitAsked } of listed) {
    const allowed = [pageSize, Math.min(pageSize, listing.maxPageSize ?? pageSize)]
    ok(
      limitAsked === undefined || allowed.includes(limitAsked),
      `the host would like ${pageSize} records in a page, the connector asked for ${limitAsked}`,
    )
  }
}
