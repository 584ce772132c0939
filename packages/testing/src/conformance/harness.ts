import type { Store } from '@syncline/core'

/** A store under test, empty when handed over, and what a suite needs besides its port. */
export interface StoreHarness {
  readonly store: Store
  /**
   * Makes everything that is stored look `ms` older: leases run out, retentions end. A memory store advances its
   * clock, a database shifts its time stamps, so instants read earlier are no longer comparable.
   */
  readonly timePasses: (ms: number) => Promise<void>
  /** Closes the store and whatever was made for it. */
  readonly close: () => Promise<void>
}

/** The test runner's own functions and how to make a store: works with vitest, node:test, mocha and jest. */
export interface StoreSuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  /** Called once for each case; cases may run one after the other or side by side. */
  readonly createStore: () => Promise<StoreHarness>
}

/** Declares one case: its name repeats the promise it holds the store to. */
export type DeclareCase = (name: string, run: (harness: StoreHarness) => Promise<void>) => void

/** Declares a group of cases, each over a store of its own. */
export function storeCases(suite: StoreSuite, name: string, declare: (test: DeclareCase) => void): void {
  suite.describe(name, () => {
    declare((caseName, run) => {
      suite.test(caseName, async () => {
        const harness = await suite.createStore()
        try {
          await run(harness)
        } finally {
          await harness.close()
        }
      })
    })
  })
}
