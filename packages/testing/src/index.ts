// conformance

export {
  modelFilter,
  modelHistory,
  modelRun,
  storableAttributes,
  storableText,
  toUpstreamRecord,
} from './arbitraries.ts'
// faults
export type { ChaosPlan, ChaosReport } from './chaos.ts'
export { ChaosCut, chaosPort, chaosStore } from './chaos.ts'
export type { CredentialHarness, CredentialStoreSuite } from './conformance/credential-store.ts'
export { testCredentialStore } from './conformance/credential-store.ts'
export type { StoreHarness, StoreSuite } from './conformance/harness.ts'
export type { RateLimiterHarness, RateLimiterSuite } from './conformance/rate-limiter.ts'
export { testRateLimiter } from './conformance/rate-limiter.ts'
export { testStore } from './conformance/store-suite.ts'
// fakes
export type { FakeClock, FakeClockOptions } from './fake-clock.ts'
export { fakeClock } from './fake-clock.ts'
export type { RecordingSink } from './recording-sink.ts'
export { recordingSink } from './recording-sink.ts'
// reference model
export type { Model, ModelCounters, ModelOutcome, ModelRecord, ModelRun } from './reference-model.ts'
export { applyRun, createModel } from './reference-model.ts'
export type {
  ScriptedConnector,
  ScriptedConnectorOptions,
  ScriptedFailure,
  ScriptedPage,
  ScriptedRequest,
  ScriptedResourceType,
} from './scripted-connector.ts'
export { pagesOf, scriptedConnector } from './scripted-connector.ts'
