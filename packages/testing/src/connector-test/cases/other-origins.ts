import { deepEqual, ok } from 'node:assert/strict'
import type { ErrorCode } from '@syncline/core'
import { type ContractUpstream, startContractUpstream } from '../server/contract-upstream.ts'
import { plainEntries } from '../server/served-entry.ts'
import { expectEqualsUpstream, expectFailure, expectNothingStale, held } from '../trial/expectations.ts'
import { findSecrets } from '../trial/find-secrets.ts'
import { type CaseSubject, connectorCases } from '../trial/harness.ts'
import { expectRecovers, openSynced, troubledPages } from '../trial/synced-trial.ts'
import type { Trial } from '../trial/trial.ts'

const refused: readonly ErrorCode[] = [
  'ADDRESS_DENIED',
  'CONNECTOR_ANSWER_INVALID',
  'CONNECTOR_FAILED',
  'UPSTREAM_REJECTED',
  'UPSTREAM_UNAVAILABLE',
]

export function testOtherOrigins(subject: CaseSubject): void {
  const { listing } = subject
  const { path } = listing
  connectorCases(subject, 'other origins', (test) => {
    for (const status of [302, 307]) {
      for (const [place, page] of troubledPages(listing)) {
        test(`a redirect (${status}) of the ${place} page to another origin gets neither credential nor belief`, async (open) => {
          const trial = await openSynced(open, subject)
          await withStranger(subject, async (stranger) => {
            const headers = { location: `${stranger.url}${path}` }
            const effect = { kind: 'status', status, headers, body: '' } as const
            trial.upstream.faults.add({ path, page, effect, times: Number.POSITIVE_INFINITY })
            expectFailure(await trial.sync(), refused)
            trial.upstream.faults.assertAllFired()
            await expectStrangerIgnored(trial, stranger)
            await expectNothingStale(trial)
            await expectRecovers(trial, page)
          })
        })
      }
    }

    test('a next page at another origin gets neither credential nor belief', async (open) => {
      await withStranger(subject, async (stranger) => {
        const trial = await open({ linkOrigin: stranger.url })
        const run = await trial.sync()
        await expectStrangerIgnored(trial, stranger)
        // Only links can lead away: without them the listing is complete.
        if (run.status === 'success') await expectEqualsUpstream(trial)
        else expectFailure(run, refused)
      })
    })
  })
}

async function withStranger(
  subject: CaseSubject,
  run: (stranger: ContractUpstream) => Promise<void>,
): Promise<void> {
  const stranger = await startStranger(subject)
  try {
    await run(stranger)
  } finally {
    await stranger.close()
  }
}

const strangerEntries = 500

/** Another origin that looks just like upstream and lets everyone in. */
async function startStranger({ contract, listing, resourceType }: CaseSubject): Promise<ContractUpstream> {
  const clock = { now: () => new Date(0), sleep: async () => {}, after: () => () => {} }
  const stranger = await startContractUpstream({ contract, clock, name: 'stranger', pageSize: 3, open: true })
  stranger.serve(resourceType, plainEntries(listing, 3, strangerEntries))
  return stranger
}

async function expectStrangerIgnored(trial: Trial, stranger: ContractUpstream): Promise<void> {
  const sent = stranger.requests.map((request) => request.sent).join('\n')
  const found = findSecrets(sent, trial.upstream.secrets.everAccepted())
  deepEqual(found, [], 'the credential was sent to another origin')
  const theirs = new Set(stranger.entries(trial.subject.resourceType).map(({ record }) => record.externalId))
  const believed = (await held(trial)).filter(({ externalId }) => theirs.has(externalId))
  ok(believed.length === 0, `records of another origin were kept: ${believed.length}`)
}
