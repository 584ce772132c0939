import { testConfiguration } from './configuration-cases.ts'
import { testCredentials } from './credential-cases.ts'
import type { ConnectorSuite } from './harness.ts'
import { testIncremental } from './incremental-cases.ts'
import { testListing } from './listing-cases.ts'
import { testMemory } from './memory-cases.ts'
import { testNumbers } from './number-cases.ts'
import { checkContract } from './parse-contract.ts'
import { testRedirects } from './redirect-cases.ts'
import { testResuming } from './resume-cases.ts'
import { testSecrets } from './secret-cases.ts'
import { testThrottles } from './throttle-cases.ts'
import { testTroubles } from './trouble-cases.ts'

/**
 * Holds a connector that talks HTTP to everything Syncline expects of one, without live credentials: a server on
 * loopback plays the vendor by the contract, and the real engine syncs from it. A connector's test file is this one
 * call.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * createConnectorTest({ describe, test, createConnectorType: () => acme, contract: acmeContract })
 * ```
 * @throws OPTIONS_INVALID when the contract has another shape: where and what
 */
export function createConnectorTest(suite: ConnectorSuite): void {
  checkContract(suite.contract)
  const { contract, createConnectorType } = suite
  for (const [index, [resourceType, listing]] of Object.entries(contract.listings).entries()) {
    const subject = { suite, contract, createConnectorType, resourceType, listing }
    if (index === 0) testConfiguration(subject)
    testListing(subject)
    testNumbers(subject)
    testResuming(subject)
    testIncremental(subject)
    testThrottles(subject)
    testCredentials(subject)
    testTroubles(subject)
    testRedirects(subject)
    testSecrets(subject)
    testMemory(subject)
  }
}
