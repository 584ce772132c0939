export { type CompanyOptions, companyDirectory } from './company-directory.ts'
export {
  type CompanyGroup,
  type CompanyUser,
  companyGroupSchema,
  companyUserSchema,
} from './company-entries.ts'
export {
  createDirectory,
  type Directory,
  type DirectoryOptions,
  type DirectoryPage,
  type DirectoryQuery,
  type ReplaceCounts,
} from './directory.ts'
export {
  type DirectoryConnectorConfig,
  directoryConnector,
  directoryConnectorFor,
} from './directory-connector.ts'
export type { DirectoryEntry, ListedEntry } from './directory-entry.ts'
export { type CompanyChanges, type EvolveOptions, evolveCompany } from './evolve-company.ts'
export {
  type AnswerEffect,
  type FaultEffect,
  type Garbage,
  garbageForms,
  type PageEffect,
  type RetryAfter,
  retryAfterForms,
  type TransportEffect,
} from './fault-effect.ts'
export type { Fault, FaultState, Faults } from './faults.ts'
export { createFaults } from './faults.ts'
export { type SeededRandom, seededRandom } from './seeded-random.ts'
export { readSnapshot, replaySnapshot, type Snapshot } from './snapshot-directory.ts'
export type { UpstreamRequest } from './upstream-request.ts'
export { startUpstream, type Upstream, type UpstreamOptions } from './upstream-server.ts'
