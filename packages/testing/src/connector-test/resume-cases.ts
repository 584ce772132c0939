import { deepEqual, equal, ok } from 'node:assert/strict'
import type { ListAnswer } from '@syncline/core'
import { closesSoon } from './closes-soon.ts'
import { expectEqualsUpstream, expectSuccess, pageRange, pagesAsked, requestCount } from './expectations.ts'
import { type CaseSubject, connectorCases } from './harness.ts'
import { plainEntries } from './served-entry.ts'
import type { LoggedRequest } from './upstream-log.ts'
import { hang } from './upstream-trouble.ts'

export function testResuming(subject: CaseSubject): void {
  const { listing } = subject
  const pages = requestCount(listing, 9)
  connectorCases(subject, 'stateless', (test) => {
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

    test('two connectors that list at the same time get their own records with their own credentials', async (open) => {
      const first = await open()
      const { contract } = subject
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
      ok(await closesSoon(hung), 'the connector did not end its request when the signal aborted')
      trial.newRequests()
      expectSuccess(await trial.sync())
      await expectEqualsUpstream(trial)
      deepEqual(pagesAsked(trial.newRequests()), pageRange(page, pages))
    })
  })
}
