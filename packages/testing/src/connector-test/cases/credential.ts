import { deepEqual, equal, ok } from 'node:assert/strict'
import { replyEffect } from '../server/reply-answer.ts'
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
import { refusedCodes, wrongSecrets } from '../trial/wrong-credential.ts'

export function testCredential(subject: CaseSubject): void {
  const { credential } = subject.contract
  if (!credential) return
  connectorCases(subject, 'credential', (test) => {
    test('a wrong credential ends the run as such, and is not tried again and again', async (open) => {
      const trial = await open()
      await trial.saveSecrets(wrongSecrets(subject))
      expectFailure(await trial.sync(), refusedCodes)
      const asked = pagesAsked(trial.newRequests()).length
      const most = credential.renews === true ? 2 : 1
      ok(asked <= most, `asked ${asked} times with a credential that upstream refuses`)
    })

    test('a credential saved anew is what the next run uses', async (open) => {
      const trial = await open()
      expectSuccess(await trial.sync())
      const changed = wrongSecrets(subject)
      trial.upstream.secrets.replace(changed)
      await trial.saveSecrets(changed)
      expectSuccess(await trial.sync())
      await expectEqualsUpstream(trial)
    })

    testRefusals(subject, test, credential.renews === true)
    if (credential.renews === true) testRenewal(subject, test)
  })
}

function testRefusals(subject: CaseSubject, test: DeclareCase, renews: boolean): void {
  const { listing } = subject
  const { path } = listing
  for (const [place, page] of troubledPages(listing)) {
    test(`401 on the ${place} page: ${renews ? 'renews once, then ends' : 'ends'} the run as UNAUTHORIZED`, async (open) => {
      const trial = await openSynced(open, subject)
      const { faults, secrets } = trial.upstream
      const issued = secrets.tokensIssued()
      faults.add({ path, page, effect: replyEffect(secrets.refusal), times: Number.POSITIVE_INFINITY })
      expectFailure(await trial.sync(), refusedCodes)
      deepEqual(pagesAsked(trial.newRequests()), [...pageRange(1, page), ...(renews ? [page] : [])])
      // One to begin with, for a type that keeps none between runs, and one renewal.
      const renewals = secrets.tokensIssued() - issued
      ok(renewals <= (renews ? 2 : 0), `got ${renewals} new access tokens`)
      await expectNothingStale(trial)
      await trial.saveSecrets(secrets.secrets)
      await expectRecovers(trial, page)
    })

    test(`403 on the ${place} page ends the run, not tried again, and nothing goes stale`, async (open) => {
      const trial = await openSynced(open, subject)
      const { faults, secrets } = trial.upstream
      faults.add({ path, page, effect: replyEffect(secrets.forbidden), times: Number.POSITIVE_INFINITY })
      expectFailure(await trial.sync(), ['UPSTREAM_REJECTED', 'UNAUTHORIZED'])
      deepEqual(pagesAsked(trial.newRequests()), pageRange(1, page))
      await expectNothingStale(trial)
      await expectRecovers(trial, page)
    })
  }
}

function testRenewal(subject: CaseSubject, test: DeclareCase): void {
  const pages = requestCount(subject.listing, 9)
  test('one access token does for a run', async (open) => {
    const trial = await open()
    expectSuccess(await trial.sync())
    equal(trial.upstream.secrets.tokensIssued(), 1)
  })

  test('an access token that has ended is renewed once, and the listing goes on', async (open) => {
    const trial = await open()
    const { secrets } = trial.upstream
    let issued: number | undefined
    trial.upstream.onRequest(({ listing, page }) => {
      if (!listing || page !== pages || issued !== undefined) return
      issued = secrets.tokensIssued()
      secrets.revokeTokens()
    })
    expectSuccess(await trial.sync())
    deepEqual(pagesAsked(trial.newRequests()), [...pageRange(1, pages), pages])
    equal(secrets.tokensIssued(), (issued ?? 0) + 1)
    await expectEqualsUpstream(trial)
  })
}
