import { deepEqual, equal, ok } from 'node:assert/strict'
import type { ErrorCode } from '@syncline/core'
import {
  expectEqualsUpstream,
  expectFailure,
  expectNothingStale,
  expectSuccess,
  pageRange,
  pagesAsked,
  requestCount,
} from './expectations.ts'
import { type CaseSubject, connectorCases, type DeclareCase } from './harness.ts'
import { replyEffect } from './reply-answer.ts'
import type { Trial } from './trial.ts'
import { expectRecovers, openSynced, troubledPages } from './trouble-cases.ts'

/** Codes that tell a person to look at the credential. */
export const refusedCodes: readonly ErrorCode[] = [
  'UNAUTHORIZED',
  'CREDENTIAL_REJECTED',
  'CREDENTIAL_REAUTH_REQUIRED',
]

/** Others than upstream accepts. */
export const wrongSecrets = ({ contract }: CaseSubject): Record<string, string> =>
  Object.fromEntries(
    Object.entries(contract.credential?.secrets ?? {}).map(([name, secret]) => [name, `${secret}-wrong`]),
  )

const others = (trial: Trial): number => trial.newRequests().filter(({ listing }) => !listing).length

export function testCredentials(subject: CaseSubject): void {
  const { contract } = subject
  if (!contract.credential) return
  connectorCases(subject, 'credential', (test) => {
    test('a wrong credential ends the run as such, and is not tried again and again', async (open) => {
      const trial = await open()
      await trial.saveSecrets(wrongSecrets(subject))
      expectFailure(await trial.sync(), refusedCodes)
      const asked = pagesAsked(trial.newRequests()).length
      const most = contract.credential?.renews === true ? 2 : 1
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

    testRefusals(subject, test)
    if (contract.credential?.renews === true) testRenewal(subject, test)
  })
}

function testRefusals(subject: CaseSubject, test: DeclareCase): void {
  const { listing, contract } = subject
  const { path } = listing
  const renews = contract.credential?.renews === true
  for (const [place, page] of troubledPages(listing)) {
    test(`401 on the ${place} page: ${renews ? 'renews once, then ends' : 'ends'} the run as UNAUTHORIZED`, async (open) => {
      const trial = await openSynced(open, subject)
      const { upstream } = trial
      const effect = replyEffect(upstream.secrets.refusal)
      upstream.faults.add({ path, page, effect, times: Number.POSITIVE_INFINITY })
      expectFailure(await trial.sync(), refusedCodes)
      const requests = trial.newRequests()
      deepEqual(pagesAsked(requests), [...pageRange(1, page), ...(renews ? [page] : [])])
      const renewals = requests.filter((request) => !request.listing).length
      ok(renewals <= (renews ? 2 : 0), `made ${renewals} requests for a new token`)
      await expectNothingStale(trial)
      await trial.saveSecrets(upstream.secrets.secrets)
      await expectRecovers(trial, page)
    })

    test(`403 on the ${place} page ends the run, not tried again, and nothing goes stale`, async (open) => {
      const trial = await openSynced(open, subject)
      const { upstream } = trial
      const effect = replyEffect(upstream.secrets.forbidden)
      upstream.faults.add({ path, page, effect, times: Number.POSITIVE_INFINITY })
      expectFailure(await trial.sync(), ['UPSTREAM_REJECTED', 'UNAUTHORIZED'])
      deepEqual(pagesAsked(trial.newRequests()), pageRange(1, page))
      await expectNothingStale(trial)
      await expectRecovers(trial, page)
    })
  }
}

function testRenewal(subject: CaseSubject, test: DeclareCase): void {
  const pages = requestCount(subject.listing, 9)
  test('an access token that has ended is renewed once, and the listing goes on', async (open) => {
    const trial = await open()
    expectSuccess(await trial.sync())
    equal(others(trial), 1, 'one access token does for a run')
    let revoked = false
    trial.upstream.onRequest(({ listing, page }) => {
      if (!listing || page !== pages || revoked) return
      revoked = true
      trial.upstream.secrets.revokeTokens()
    })
    expectSuccess(await trial.sync())
    const requests = trial.newRequests()
    deepEqual(pagesAsked(requests), [...pageRange(1, pages), pages])
    equal(requests.filter((request) => !request.listing).length, 1)
    await expectEqualsUpstream(trial)
  })
}
