// fakes
export { autoRateLimiter } from './auto-rate-limiter.ts'
// faults
export type { ChaosPlan, ChaosReport } from './chaos.ts'
export { ChaosCut, chaosPort, chaosStore } from './chaos.ts'
export type { CacheHarness, CacheSuite } from './conformance/cache.ts'
export { testCache } from './conformance/cache.ts'
export type { CredentialHarness } from './conformance/credential-cases.ts'
export type { CredentialStoreSuite } from './conformance/credential-store.ts'
export { testCredentialStore } from './conformance/credential-store.ts'
export type { UserDirectoryHarness, UserDirectorySuite } from './conformance/directory-harness.ts'
export type { StoreHarness, StoreSuite } from './conformance/harness.ts'
export { testPeopleStore } from './conformance/people-store.ts'
export type { ProfileStoreHarness, ProfileStoreSuite } from './conformance/profile-store.ts'
export { testProfileStore } from './conformance/profile-store.ts'
export { testQueue } from './conformance/queue.ts'
export type { QueueHarness, QueueSuite } from './conformance/queue-stage.ts'
export type { RateLimiterSuite } from './conformance/rate-limiter.ts'
export { testRateLimiter } from './conformance/rate-limiter.ts'
export type { RateLimiterHarness } from './conformance/rate-limiter-stage.ts'
export { testStore } from './conformance/store-suite.ts'
export { testUserDirectory } from './conformance/user-directory.ts'
export { testWebhookStore } from './conformance/webhook-store.ts'
// connectors
export type {
  AcceptedSecrets,
  ConnectorContract,
  CredentialContract,
  EndpointContext,
  EndpointContract,
  ThrottleWait,
} from './connector-test/contract/contract.ts'
export type {
  ContractEntry,
  ExpectedRecord,
  ListingContract,
  NextPage,
  PageAsked,
  PageGiven,
} from './connector-test/contract/listing-contract.ts'
export type { ContractRequest, Reply } from './connector-test/contract/reply.ts'
export { createConnectorTest } from './connector-test/create-connector-test.ts'
export type { ConnectorSuite } from './connector-test/trial/harness.ts'
// fakes
export type { FakeClock, FakeClockOptions } from './fake-clock.ts'
export { fakeClock } from './fake-clock.ts'
// the HTTP API
export type {
  ContractAuthorization,
  ContractHost,
  ContractServer,
  HttpContractSuite,
} from './http-contract/suite.ts'
export { testHttpApi } from './http-contract/test-http-api.ts'
// fakes
export type { RecordingSink } from './recording-sink.ts'
export { recordingSink } from './recording-sink.ts'
export type { RecordingWorkflows } from './recording-workflows.ts'
export { recordingWorkflows } from './recording-workflows.ts'
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
