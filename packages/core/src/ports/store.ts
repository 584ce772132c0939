import type { ChangeLog } from './change-log.ts'
import type { ConnectorStore } from './connector-store.ts'
import type { QuarantineStore } from './quarantine-store.ts'
import type { ResourceStore } from './resource-store.ts'
import type { RunStore } from './run-store.ts'
import type { SyncConfigStore } from './sync-config-store.ts'

/**
 * Everything Syncline keeps. Stores never decide: given the same call twice they end in the same state.
 * @throws STORE_UNAVAILABLE from any method while the database cannot be reached, STORE_FAILED when it refuses
 */
export interface Store {
  readonly connectors: ConnectorStore
  readonly configs: SyncConfigStore
  readonly runs: RunStore
  readonly resources: ResourceStore
  readonly changes: ChangeLog
  readonly quarantine: QuarantineStore
  /** Closes what the store opened itself; never what the host passed in. */
  close(): Promise<void>
}
