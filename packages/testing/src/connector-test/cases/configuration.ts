import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { isSyncError } from '@syncline/core'
import { findSecrets } from '../trial/find-secrets.ts'
import { type CaseSubject, connectorCases } from '../trial/harness.ts'
import { refusedCodes, wrongSecrets } from '../trial/wrong-credential.ts'

const anyUrl = 'http://127.0.0.1:4000'

/** What holds for the whole type; told with its first resource type. */
export function testConfiguration(subject: CaseSubject): void {
  const { contract, createConnectorType } = subject
  connectorCases(subject, 'configuration', (test) => {
    test('the contract covers every resource type of the connector', async () => {
      const type = await createConnectorType()
      deepEqual(Object.keys(type.resourceTypes).toSorted(), Object.keys(contract.listings).toSorted())
    })

    test('the config of the contract is accepted and holds no secret', async () => {
      const { configSchema } = await createConnectorType()
      const config = contract.config(anyUrl)
      const parsed = configSchema.safeParse(config)
      ok(
        parsed.success,
        `the config is refused: ${parsed.success ? '' : parsed.error.issues.map(({ message }) => message).join('; ')}`,
      )
      deepEqual(findSecrets(JSON.stringify(config), Object.values(contract.credential?.secrets ?? {})), [])
    })

    test('a config that is no object is refused', async () => {
      const { configSchema } = await createConnectorType()
      for (const nonsense of [null, 'text', 42, []]) equal(configSchema.safeParse(nonsense).success, false)
    })

    for (const { config, message } of contract.refusedConfigs) {
      test(`the config ${JSON.stringify(config)} is refused with a message that says ${JSON.stringify(message)}`, async () => {
        const { configSchema } = await createConnectorType()
        const parsed = configSchema.safeParse(config)
        ok(!parsed.success, 'the config is accepted')
        const issues = parsed.error.issues
          .map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`)
          .join('; ')
        ok(issues.includes(message), `the message says: ${issues}`)
      })
    }
  })
  testCheck(subject)
}

function testCheck(subject: CaseSubject): void {
  const { contract, createConnectorType } = subject
  connectorCases(subject, 'check', (test) => {
    if (contract.check === false) {
      test('the type has no check, as the contract says', async () => {
        equal(typeof (await createConnectorType()).check, 'undefined')
      })
      return
    }
    test('check asks upstream and succeeds where address and credential are good', async (open) => {
      const trial = await open()
      await trial.process.syncline.connectors.check(trial.connectorId)
      ok(trial.newRequests().length > 0, 'the type has no check, or it asks upstream nothing')
    })

    test('check throws when upstream is in trouble', async (open) => {
      const trial = await open()
      const effect = { kind: 'status', status: 500 } as const
      trial.upstream.faults.add({ effect, times: Number.POSITIVE_INFINITY })
      await rejects(trial.process.syncline.connectors.check(trial.connectorId))
      trial.upstream.faults.assertAllFired()
    })

    if (!contract.credential) return
    test('check throws when upstream refuses the credential, and says so', async (open) => {
      const trial = await open()
      await trial.saveSecrets(wrongSecrets(subject))
      await rejects(trial.process.syncline.connectors.check(trial.connectorId), (error: unknown) => {
        ok(isSyncError(error, ...refusedCodes), `check threw ${String(error)}`)
        return true
      })
    })
  })
}
