import type { StoreSuite } from './harness.ts'

/**
 * Holds a store to every promise of the ports in `@syncline/core`. An adapter's test file is this one call.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * testStore({ describe, test, createStore: async () => ({ store, timePasses, close }) })
 * ```
 */
export function testStore(suite: StoreSuite): void {
  for (const declareGroup of []) (declareGroup as (suite: StoreSuite) => void)(suite)
}
