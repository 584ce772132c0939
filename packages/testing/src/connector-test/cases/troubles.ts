import { deepEqual } from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { ErrorCode } from '@syncline/core'
import type { LoggedRequest } from '../server/upstream-log.ts'
import { processLimits } from '../trial/connector-process.ts'
import {
  expectClosed,
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
import { hang, isReadable, lastingTroubles, passingTroubles } from './trouble-list.ts'

const attempts = 1 + processLimits.maxRetries
/** What one call may take, where time has to pass. */
const callTimeoutMs = 20_000
const transient: readonly string[] = [
  'RATE_LIMITED',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNAVAILABLE',
] satisfies ErrorCode[]

/** Numbers of the pages asked for when one of them is asked for so often. */
const askedTimes = (page: number, times: number): number[] => [
  ...pageRange(1, page - 1),
  ...Array.from({ length: times }, () => page),
]

export function testTroubles(subject: CaseSubject): void {
  const { listing } = subject
  const { path } = listing
  const pages = requestCount(listing, 9)
  connectorCases(subject, 'upstream in trouble', (test) => {
    for (const [place, page] of troubledPages(listing)) {
      for (const { name, effect, codes } of passingTroubles) {
        test(`${name} on the ${place} page is tried again, exactly, and nothing goes stale`, async (open) => {
          const trial = await openSynced(open, subject)
          const { upstream } = trial
          upstream.faults.add({ path, page, effect, times: Number.POSITIVE_INFINITY })
          expectFailure(await trial.sync(), codes)
          deepEqual(pagesAsked(trial.newRequests()), askedTimes(page, attempts))
          await expectNothingStale(trial)
          await expectRecovers(trial, page)

          upstream.faults.add({ path, page, effect })
          expectSuccess(await trial.sync())
          upstream.faults.assertAllFired()
          deepEqual(pagesAsked(trial.newRequests()), [...askedTimes(page, 2), ...pageRange(page + 1, pages)])
          await expectEqualsUpstream(trial)
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
    testHanging(subject, test)
  })
}

function testHanging(subject: CaseSubject, test: DeclareCase): void {
  const { path } = subject.listing
  const pages = requestCount(subject.listing, 9)
  test('an answer that never comes is given up in time and its connection closed', async (open) => {
    const trial = await openSynced(open, subject)
    await trial.process.restart({ callTimeoutMs })
    trial.upstream.faults.add({ path, page: pages, effect: hang, times: Number.POSITIVE_INFINITY })
    trial.upstream.onRequest((request) => {
      if (request.listing && request.page === pages) void letTimePass(trial, request)
    })
    expectFailure(await trial.sync(), ['UPSTREAM_TIMEOUT'])
    const requests = trial.newRequests()
    deepEqual(pagesAsked(requests), askedTimes(pages, attempts))
    await expectClosed(requests.filter(({ fault }) => fault !== undefined))
    await expectNothingStale(trial)
  })
}

const stepMs = 1_000

/** Until the request is given up; slowly enough for the next one to begin its own time. */
async function letTimePass({ process }: Trial, { cut }: LoggedRequest): Promise<void> {
  const ended = cut.then(() => true)
  for (let waited = 0; waited <= callTimeoutMs; waited += stepMs) {
    await process.clock.advance(stepMs)
    if (await Promise.race([ended, delay(1, false)])) return
  }
}
