// conformance
export type { StoreHarness, StoreSuite } from './conformance/harness.ts'
export { testStore } from './conformance/store-suite.ts'
// tools
export type { FakeClock, FakeClockOptions } from './fake-clock.ts'
export { fakeClock } from './fake-clock.ts'
