import { testEvents } from './event-cases.ts'
import { testForeign } from './foreign-cases.ts'
import { testLists } from './list-cases.ts'
import { testMatches } from './match-cases.ts'
import { testQuarantineRoute } from './quarantine-cases.ts'
import { testResolve } from './resolve-cases.ts'
import { testResources } from './resource-cases.ts'
import { testRuns } from './run-cases.ts'
import type { HttpContractSuite } from './suite.ts'
import { testSyncConfigs } from './sync-config-cases.ts'

/**
 * Holds a plugin for any framework to the HTTP API: every documented request and answer, every refusal, over a real
 * socket.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * testHttpApi({ describe, test, serve: async ({ syncline, authorize }) => ({ baseUrl, close }) })
 * ```
 */
export function testHttpApi(suite: HttpContractSuite): void {
  testSyncConfigs(suite)
  testResources(suite)
  testQuarantineRoute(suite)
  testRuns(suite)
  testEvents(suite)
  testMatches(suite)
  testResolve(suite)
  testLists(suite)
  testForeign(suite)
}
