import { deepEqual } from 'node:assert/strict'
import type { FaultEffect } from '../../upstream/fault-effect.ts'
import { replyEffect } from '../server/reply-answer.ts'
import { expectFailure, expectSuccess } from '../trial/expectations.ts'
import { findSecrets, printed } from '../trial/find-secrets.ts'
import { type CaseSubject, connectorCases } from '../trial/harness.ts'
import { troublePasses } from '../trial/synced-trial.ts'
import type { Trial } from '../trial/trial.ts'
import { refusedCodes, wrongSecrets } from '../trial/wrong-credential.ts'
import { lastingTroubles, passingTroubles } from './trouble-list.ts'

export function testSecrets(subject: CaseSubject): void {
  const { listing, contract } = subject
  if (!contract.credential) return
  connectorCases(subject, 'secrets', (test) => {
    test('no secret is in a record, a cursor, an error or a line of log', async (open) => {
      const trial = await open()
      expectSuccess(await trial.sync())
      expectClean(trial, 'a good run')
      for (const { name, effect } of [...passingTroubles, ...lastingTroubles(listing), ...refusals(trial)]) {
        trial.upstream.faults.add({ name, effect, times: Number.POSITIVE_INFINITY })
        await syncAndCheck(trial)
        expectClean(trial, name)
      }
    })

    test('no secret that upstream quotes in an error gets through', async (open) => {
      const trial = await open()
      for (const status of [400, 401, 403, 429, 500]) {
        const stop = trial.upstream.onRequest(({ sent, listing: isListing }) => {
          const effect = replyEffect({ status, json: { error: 'see request', request: sent } })
          if (isListing) trial.upstream.faults.add({ effect })
        })
        await syncAndCheck(trial)
        stop()
        expectClean(trial, `status ${status} with the request in its body`)
      }
    })

    test('no secret that upstream refuses is in an error', async (open) => {
      const trial = await open()
      const wrong = wrongSecrets(subject)
      await trial.saveSecrets(wrong)
      expectFailure(await trial.sync(), refusedCodes)
      await trial.process.syncline.connectors.check(trial.connectorId).catch(() => undefined)
      expectClean(trial, 'a refused credential', Object.values(wrong))
    })
  })
}

const refusals = ({ upstream }: Trial): { name: string; effect: FaultEffect }[] => [
  { name: '401', effect: replyEffect(upstream.secrets.refusal) },
  { name: '403', effect: replyEffect(upstream.secrets.forbidden) },
]

/** A run and a check, both in trouble, which then passes. */
async function syncAndCheck(trial: Trial): Promise<void> {
  const { upstream, process, connectorId } = trial
  await trial.sync()
  await process.syncline.connectors.check(connectorId).catch(() => undefined)
  upstream.faults.assertAllFired()
  await troublePasses(trial)
  await trial.saveSecrets(upstream.secrets.secrets)
}

/** Looks at what the connector lets out itself, so that what the library strikes later counts too. */
function expectClean({ process, upstream }: Trial, when: string, more: readonly string[] = []): void {
  const secrets = [...upstream.secrets.everAccepted(), ...more]
  deepEqual(findSecrets(printed(process.takeOutputs()), secrets), [], `a secret got out: ${when}`)
}
