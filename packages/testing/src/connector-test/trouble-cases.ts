import { deepEqual, equal, ok } from 'node:assert/strict'
import type { ErrorCode } from '@syncline/core'
import { closesSoon } from './closes-soon.ts'
import { processLimits } from './connector-process.ts'
import {
  expectEqualsUpstream,
  expectFailure,
  expectNothingStale,
  expectSuccess,
  pageRange,
  pagesAsked,
  requestCount,
} from './expectations.ts'
import { type CaseSubject, connectorCases, type OpenTrial } from './harness.ts'
import { plainEntries } from './served-entry.ts'
import type { Trial } from './trial.ts'
import { hang, isReadable, lastingTroubles, passingTroubles } from './upstream-trouble.ts'

const attempts = 1 + processLimits.maxRetries
const transient: readonly string[] = [
  'RATE_LIMITED',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNAVAILABLE',
] satisfies ErrorCode[]

/** First, middle and last request of a listing of nine records, three on a page. */
export function troubledPages(listing: CaseSubject['listing']): readonly (readonly [string, number])[] {
  const last = requestCount(listing, 9)
  const places = [
    ['first', 1],
    ['middle', 2],
    ['last', last],
  ] as const
  return places.filter(([name, page]) => name !== 'middle' || page < last)
}

/** The host holds eleven records, of which upstream has nine: a run that lies would mark them stale. */
export async function openSynced(open: OpenTrial, { listing, resourceType }: CaseSubject): Promise<Trial> {
  const entries = plainEntries(listing, 11)
  const trial = await open({ entries })
  expectSuccess(await trial.sync())
  trial.upstream.serve(resourceType, entries.slice(2))
  trial.newRequests()
  return trial
}

/** Long enough for whatever a connector remembers of a trouble that has passed, a circuit breaker's pause for one. */
const laterMs = 900_000

/** A later run puts it right, from the page on that was not read. */
export async function expectRecovers(trial: Trial, from: number): Promise<void> {
  const pages = requestCount(trial.subject.listing, 9)
  trial.upstream.faults.clear()
  await trial.process.clock.advance(laterMs)
  trial.newRequests()
  const run = await trial.sync()
  expectSuccess(run)
  equal(run.stats.staled, 2, 'the two records that are gone upstream were not marked stale')
  await expectEqualsUpstream(trial)
  deepEqual(pagesAsked(trial.newRequests()), pageRange(from, pages))
}

export function testTroubles(subject: CaseSubject): void {
  const { listing } = subject
  const { path } = listing
  const pages = requestCount(listing, 9)
  const askedTimes = (page: number, times: number): number[] => [
    ...pageRange(1, page - 1),
    ...Array.from({ length: times }, () => page),
  ]
  connectorCases(subject, 'upstream in trouble', (test) => {
    for (const [place, page] of troubledPages(listing)) {
      for (const { name, effect, codes } of passingTroubles) {
        test(`${name} on the ${place} page is tried again, exactly, and nothing goes stale`, async (open) => {
          const once = await openSynced(open, subject)
          once.upstream.faults.add({ path, page, effect })
          expectSuccess(await once.sync())
          once.upstream.faults.assertAllFired()
          deepEqual(pagesAsked(once.newRequests()), [...askedTimes(page, 2), ...pageRange(page + 1, pages)])
          await expectEqualsUpstream(once)

          const lasting = await openSynced(open, subject)
          lasting.upstream.faults.add({ path, page, effect, times: Number.POSITIVE_INFINITY })
          expectFailure(await lasting.sync(), codes)
          deepEqual(pagesAsked(lasting.newRequests()), askedTimes(page, attempts))
          await expectNothingStale(lasting)
          await expectRecovers(lasting, page)
        })
      }

      for (const trouble of lastingTroubles(listing)) {
        test(`${trouble.name} on the ${place} page is no page: the run ends, nothing goes stale`, async (open) => {
          const trial = await openSynced(open, subject)
          trial.upstream.faults.add({ path, page, effect: trouble.effect, times: Number.POSITIVE_INFINITY })
          const run = await trial.sync()
          trial.upstream.faults.assertAllFired()
          if (isReadable(trouble) && run.status === 'success') {
            await expectEqualsUpstream(trial)
            return
          }
          const code = expectFailure(run, trouble.codes)
          const asked = askedTimes(page, transient.includes(code) ? attempts : 1)
          deepEqual(pagesAsked(trial.newRequests()), asked)
          await expectNothingStale(trial)
          await expectRecovers(trial, page)
        })
      }
    }

    test('an answer that never comes is given up in time and its connection closed', async (open) => {
      const trial = await openSynced(open, subject)
      trial.upstream.faults.add({ path, page: pages, effect: hang, times: Number.POSITIVE_INFINITY })
      trial.upstream.onRequest(({ listing: isListing, page }) => {
        if (isListing && page === pages) void trial.process.clock.advance(processLimits.callTimeoutMs)
      })
      expectFailure(await trial.sync(), ['UPSTREAM_TIMEOUT'])
      const requests = trial.newRequests()
      deepEqual(pagesAsked(requests), askedTimes(pages, attempts))
      const hung = requests.filter(({ fault }) => fault !== undefined)
      ok(await closesSoon(hung), 'the connector did not end a request that took too long')
      await expectNothingStale(trial)
    })
  })
}
