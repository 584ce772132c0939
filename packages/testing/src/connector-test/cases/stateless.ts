import { deepEqual, equal } from 'node:assert/strict'
import type { ListAnswer } from '@syncline/core'
import { replyEffect } from '../server/reply-answer.ts'
import { plainEntries } from '../server/served-entry.ts'
import type { LoggedRequest } from '../server/upstream-log.ts'
import {
  expectClosed,
  expectEqualsUpstream,
  expectSuccess,
  pageRange,
  pagesAsked,
  requestCount,
} from '../trial/expectations.ts'
import { type CaseSubject, connectorCases, type DeclareCase } from '../trial/harness.ts'
import { openSynced } from '../trial/synced-trial.ts'
import { hang } from './trouble-list.ts'

export function testStateless(subject: CaseSubject): void {
  connectorCases(subject, 'stateless', (test) => {
    testCursors(subject, test)
    testExpiry(subject, test)
    testSideBySide(subject, test)
    testAbort(subject, test)
  })
}

function testCursors({ listing }: CaseSubject, test: DeclareCase): void {
  const pages = requestCount(listing, 9)
  test('a new process goes on from every cursor and asks for no page again', async (open) => {
    for (const readBefore of pageRange(1, pages - 1)) {
      const trial = await open()
      await trial.process.restart({ maxPages: readBefore })
      equal((await trial.sync()).status, 'partial')
      await trial.process.restart()
      expectSuccess(await trial.sync())
      await expectEqualsUpstream(trial)
      deepEqual(pagesAsked(trial.newRequests()), pageRange(1, pages))
    }
  })

  test('the same cursor asked twice answers the same page', async (open) => {
    const answers: [ListAnswer, ListAnswer][] = []
    const trial = await open({
      around: (list) => async (request, context) => {
        const first = await list(request, context)
        const second = await list(request, context)
        answers.push([first, second])
        return second
      },
    })
    expectSuccess(await trial.sync())
    equal(answers.length, pages)
    for (const [first, second] of answers) deepEqual(second, first)
    await expectEqualsUpstream(trial)
  })
}

function testExpiry(subject: CaseSubject, test: DeclareCase): void {
  const { path, expired } = subject.listing
  if (!expired) return
  const pages = requestCount(subject.listing, 9)
  test('a page token that upstream no longer knows begins the listing anew, and nothing goes stale', async (open) => {
    const trial = await openSynced(open, subject)
    const page = Math.min(2, pages)
    trial.upstream.faults.add({ path, page, effect: replyEffect(expired) })
    const run = await trial.sync()
    expectSuccess(run)
    trial.upstream.faults.assertAllFired()
    equal(run.stats.staled, 2, 'the two records that are gone upstream were not marked stale')
    deepEqual(pagesAsked(trial.newRequests()), [...pageRange(1, page), ...pageRange(1, pages)])
    await expectEqualsUpstream(trial)
  })
}

function testSideBySide({ listing, contract }: CaseSubject, test: DeclareCase): void {
  test('two connectors that list at the same time get their own records with their own credentials', async (open) => {
    const first = await open()
    const own = Object.entries(contract.credential?.secrets ?? {})
    const second = await open({
      name: 'second',
      process: first.process,
      entries: plainEntries(listing, 8, 100),
      secrets: Object.fromEntries(own.map(([name, secret]) => [name, `${secret}-second`])),
    })
    const runs = await Promise.all([first.sync(), second.sync()])
    for (const run of runs) expectSuccess(run)
    for (const trial of [first, second]) await expectEqualsUpstream(trial)
  })
}

function testAbort({ listing }: CaseSubject, test: DeclareCase): void {
  const pages = requestCount(listing, 9)
  test('an aborted run closes its connection at once and can be resumed', async (open) => {
    const trial = await open()
    const page = Math.min(2, pages)
    const stop = new AbortController()
    const hung: LoggedRequest[] = []
    trial.upstream.faults.add({ path: listing.path, page, effect: hang })
    trial.upstream.onRequest((request) => {
      if (!request.listing || request.page !== page || hung.length > 0) return
      hung.push(request)
      stop.abort()
    })
    equal((await trial.sync({ signal: stop.signal })).status, 'cancelled')
    equal(hung.length, 1)
    await expectClosed(hung)
    trial.newRequests()
    expectSuccess(await trial.sync())
    await expectEqualsUpstream(trial)
    deepEqual(pagesAsked(trial.newRequests()), pageRange(page, pages))
  })
}
