import { testConfiguration } from './cases/configuration.ts'
import { testCredential } from './cases/credential.ts'
import { testIncremental } from './cases/incremental.ts'
import { testListing } from './cases/listing.ts'
import { testMemory } from './cases/memory.ts'
import { testOtherOrigins } from './cases/other-origins.ts'
import { testSecrets } from './cases/secrets.ts'
import { testStateless } from './cases/stateless.ts'
import { testThrottled } from './cases/throttled.ts'
import { testTroubles } from './cases/troubles.ts'
import { checkContract } from './contract/parse-contract.ts'
import type { ConnectorSuite } from './trial/harness.ts'

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
    testStateless(subject)
    testIncremental(subject)
    testThrottled(subject)
    testCredential(subject)
    testTroubles(subject)
    testOtherOrigins(subject)
    testSecrets(subject)
    testMemory(subject)
  }
}
