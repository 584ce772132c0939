import { deepEqual, equal, ok } from 'node:assert/strict'
import type { ConnectorContract } from '../contract/contract.ts'
import { replyEffect } from '../server/reply-answer.ts'
import { processLimits } from '../trial/connector-process.ts'
import {
  expectEqualsUpstream,
  expectFailure,
  expectNothingStale,
  expectSuccess,
  pageRange,
  pagesAsked,
  requestCount,
} from '../trial/expectations.ts'
import { type CaseSubject, connectorCases, type DeclareCase } from '../trial/harness.ts'
import { expectRecovers, openSynced, troubledPages } from '../trial/synced-trial.ts'
import type { Trial } from '../trial/trial.ts'

const defaultThrottles: NonNullable<ConnectorContract['throttles']> = {
  '429 with seconds': ({ seconds }) => ({
    status: 429,
    headers: { 'retry-after': String(seconds) },
    json: { error: 'too_many_requests' },
  }),
  '429 with a date': ({ until }) => ({
    status: 429,
    headers: { 'retry-after': until.toUTCString() },
    json: { error: 'too_many_requests' },
  }),
}

const shortWait = 30
const longWait = 600

export function testThrottled(subject: CaseSubject): void {
  connectorCases(subject, 'throttled', (test) => {
    for (const dialect of Object.entries(subject.contract.throttles ?? defaultThrottles)) {
      testWaits(subject, dialect, test)
      testEnds(subject, dialect, test)
    }
  })
}

type Dialect = readonly [name: string, throttle: ThrottleRequest['throttle']]

function testWaits(subject: CaseSubject, [name, throttle]: Dialect, test: DeclareCase): void {
  const { listing } = subject
  const pages = requestCount(listing, 9)
  for (const [place, page] of troubledPages(listing)) {
    test(`${name} on the ${place} page: waits no less than upstream asks for, then asks once more`, async (open) => {
      const trial = await openSynced(open, subject)
      throttleAt(trial, { page, throttle, seconds: shortWait, times: 1 })
      expectSuccess(await trial.sync())
      trial.upstream.faults.assertAllFired()
      const requests = trial.newRequests()
      deepEqual(pagesAsked(requests), [...pageRange(1, page), ...pageRange(page, pages)])
      const [refused, again] = requests.filter((request) => request.listing && request.page === page)
      const waitedMs = (again?.at.getTime() ?? 0) - (refused?.at.getTime() ?? 0)
      ok(
        waitedMs >= shortWait * 1_000,
        `upstream asked for ${shortWait} s, it was asked again after ${waitedMs} ms`,
      )
      await expectEqualsUpstream(trial)
    })
  }
}

function testEnds(subject: CaseSubject, [name, throttle]: Dialect, test: DeclareCase): void {
  const pages = requestCount(subject.listing, 9)
  test(`${name}: a wait longer than the host allows ends the run, to be resumed`, async (open) => {
    const trial = await openSynced(open, subject)
    const page = Math.min(2, pages)
    const stop = throttleAt(trial, { page, throttle, seconds: longWait, times: Number.POSITIVE_INFINITY })
    const run = await trial.sync()
    expectFailure(run, ['RATE_LIMITED'])
    equal(run.status, 'partial')
    const retryAfterMs = Number(run.error?.details?.retryAfterMs)
    ok(retryAfterMs >= longWait * 1_000, `upstream asked for ${longWait} s, the run says ${retryAfterMs} ms`)
    deepEqual(pagesAsked(trial.newRequests()), pageRange(1, page))
    await expectNothingStale(trial)
    stop()
    await expectRecovers(trial, page)
  })

  test(`${name}: again and again ends the run after ${1 + processLimits.maxRetries} attempts, to be resumed`, async (open) => {
    const trial = await openSynced(open, subject)
    const stop = throttleAt(trial, {
      page: pages,
      throttle,
      seconds: shortWait,
      times: Number.POSITIVE_INFINITY,
    })
    const run = await trial.sync()
    expectFailure(run, ['RATE_LIMITED'])
    equal(run.status, 'partial')
    const again = Array.from({ length: processLimits.maxRetries }, () => pages)
    deepEqual(pagesAsked(trial.newRequests()), [...pageRange(1, pages), ...again])
    await expectNothingStale(trial)
    stop()
    await expectRecovers(trial, pages)
  })
}

interface ThrottleRequest {
  readonly page: number
  readonly throttle: NonNullable<ConnectorContract['throttles']>[string]
  readonly seconds: number
  readonly times: number
}

/** The wait counts from each request on, so that the reply is only known then. Returns how to stop. */
function throttleAt(trial: Trial, { page, throttle, seconds, times }: ThrottleRequest): () => void {
  const { path } = trial.subject.listing
  let left = times
  return trial.upstream.onRequest((request) => {
    if (!request.listing || request.page !== page || left <= 0) return
    left -= 1
    trial.upstream.faults.clear()
    // Dates have whole seconds.
    const until = new Date(Math.ceil(request.at.getTime() / 1_000) * 1_000 + seconds * 1_000)
    trial.upstream.faults.add({ path, page, effect: replyEffect(throttle({ seconds, until })) })
  })
}
