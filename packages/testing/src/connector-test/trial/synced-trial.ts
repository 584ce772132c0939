import { deepEqual, equal } from 'node:assert/strict'
import type { ListingContract } from '../contract/listing-contract.ts'
import { plainEntries } from '../server/served-entry.ts'
import { expectEqualsUpstream, expectSuccess, pageRange, pagesAsked, requestCount } from './expectations.ts'
import type { CaseSubject, OpenTrial } from './harness.ts'
import type { Trial } from './trial.ts'

/** The host holds eleven records, of which upstream has nine: a run that lies would mark more stale than those two. */
export async function openSynced(open: OpenTrial, { listing, resourceType }: CaseSubject): Promise<Trial> {
  const entries = plainEntries(listing, 11)
  const trial = await open({ entries })
  expectSuccess(await trial.sync())
  trial.upstream.serve(resourceType, entries.slice(2))
  trial.newRequests()
  return trial
}

/** First, middle and last request of a listing of nine records, three on a page. */
export function troubledPages(listing: ListingContract): readonly (readonly [string, number])[] {
  const last = requestCount(listing, 9)
  const places = [
    ['first', 1],
    ['middle', 2],
    ['last', last],
  ] as const
  return places.filter(([name, page]) => name !== 'middle' || page < last)
}

/** Long enough for whatever a connector remembers of a trouble that has passed, a circuit breaker's pause for one. */
const laterMs = 900_000

/** Nothing goes wrong any more. */
export async function troublePasses({ upstream, process }: Trial): Promise<void> {
  upstream.faults.clear()
  await process.clock.advance(laterMs)
}

/** A later run puts it right, from the page on that was not read. */
export async function expectRecovers(trial: Trial, from: number): Promise<void> {
  const pages = requestCount(trial.subject.listing, 9)
  await troublePasses(trial)
  trial.newRequests()
  const run = await trial.sync()
  expectSuccess(run)
  equal(run.stats.staled, 2, 'the two records that are gone upstream were not marked stale')
  await expectEqualsUpstream(trial)
  deepEqual(pagesAsked(trial.newRequests()), pageRange(from, pages))
}
