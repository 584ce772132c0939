import { testApprovals } from './approvals.ts'
import { testBeginRun } from './begin-run.ts'
import { testChangeLog } from './change-log.ts'
import { testCloseListing } from './close-listing.ts'
import { testCommitPage } from './commit-page.ts'
import { testConnectorMoves } from './connector-moves.ts'
import { testConnectorOwners } from './connector-owners.ts'
import { testConnectorStore } from './connector-store.ts'
import { testDirectWrites } from './direct-writes.ts'
import { testFindResources } from './find-resources.ts'
import { testFinishRun } from './finish-run.ts'
import type { StoreSuite } from './harness.ts'
import { testHashRecipes } from './hash-recipes.ts'
import { testInterruptedSweeps } from './interrupted-sweeps.ts'
import { testKeyedRequests } from './keyed-requests.ts'
import { testListings } from './listings.ts'
import { testMarkStale } from './mark-stale.ts'
import { testPageTransactions } from './page-transactions.ts'
import { testPurgeStale } from './purge-stale.ts'
import { testQuarantine } from './quarantine.ts'
import { testQueuedRuns } from './queued-runs.ts'
import { testRetention } from './retention.ts'
import { testRunHistory } from './run-history.ts'
import { testSchedules } from './schedules.ts'
import { testSearchResources } from './search-resources.ts'
import { testStoredValues } from './stored-values.ts'
import { testSyncConfigStore } from './sync-config-store.ts'

/**
 * Holds a store to every promise of the ports in `@syncline/core`. An adapter's test file is this one call.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * testStore({ describe, test, createStore: async () => ({ store, timePasses, close }) })
 * ```
 */
export function testStore(suite: StoreSuite): void {
  testConnectorStore(suite)
  testConnectorOwners(suite)
  testConnectorMoves(suite)
  testSyncConfigStore(suite)
  testBeginRun(suite)
  testApprovals(suite)
  testRunHistory(suite)
  testQueuedRuns(suite)
  testSchedules(suite)
  testFinishRun(suite)
  testCommitPage(suite)
  testPageTransactions(suite)
  testStoredValues(suite)
  testHashRecipes(suite)
  testListings(suite)
  testCloseListing(suite)
  testMarkStale(suite)
  testInterruptedSweeps(suite)
  testPurgeStale(suite)
  testFindResources(suite)
  testSearchResources(suite)
  testDirectWrites(suite)
  testChangeLog(suite)
  testQuarantine(suite)
  testRetention(suite)
  testKeyedRequests(suite)
}
