import type { CredentialHarness, DeclareCase } from './credential-cases.ts'
import { testKeeping } from './credential-keeping.ts'
import { testClaiming, testCompleting, testEnding } from './credential-refreshing.ts'

/** The test runner's own functions and how to make a store: works with vitest, node:test, mocha and jest. */
export interface CredentialStoreSuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  readonly createStore: () => Promise<CredentialHarness>
}

/**
 * Holds a credential store to every promise of its port. An adapter's test file is this one call.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * testCredentialStore({ describe, test, createStore: async () => ({ store, other, timePasses, close }) })
 * ```
 */
export function testCredentialStore(suite: CredentialStoreSuite): void {
  const group = (name: string, declare: (test: DeclareCase) => void): void => {
    suite.describe(name, () =>
      declare((caseName, run) => {
        suite.test(caseName, async () => {
          const harness = await suite.createStore()
          try {
            await run(harness)
          } finally {
            await harness.close()
          }
        })
      }),
    )
  }
  group('CredentialStore: keeping', testKeeping)
  group('CredentialStore: claiming a refresh', testClaiming)
  group('CredentialStore: completing a refresh', testCompleting)
  group('CredentialStore: ending a refresh', testEnding)
}
