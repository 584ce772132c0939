// conformance
export type { StoreHarness, StoreSuite } from './conformance/harness.ts'
export { testStore } from './conformance/store-suite.ts'
