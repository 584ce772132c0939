import type { ChangeLog } from './change-log.ts'
import type { ConnectorStore } from './connector-store.ts'
import type { KeyedRequestStore } from './keyed-request-store.ts'
import type { PeopleStore } from './people-store.ts'
import type { QuarantineStore } from './quarantine-store.ts'
import type { ResourceStore } from './resource-store.ts'
import type { RunStore } from './run-store.ts'
import type { ScheduleStore } from './schedule-store.ts'
import type { SyncConfigStore } from './sync-config-store.ts'
import type { WebhookStore } from './webhook-store.ts'

/**
 * Everything Syncline keeps. Stores never decide: given the same call twice they end in the same state.
 * @throws STORE_UNAVAILABLE from any method while the database cannot be reached, STORE_FAILED when it refuses
 */
export interface Store {
  readonly connectors: ConnectorStore
  readonly configs: SyncConfigStore
  readonly runs: RunStore
  readonly schedules: ScheduleStore
  readonly resources: ResourceStore
  readonly changes: ChangeLog
  readonly quarantine: QuarantineStore
  /** Absent: the store keeps no matches, and post-sync is not possible. */
  readonly people?: PeopleStore | undefined
  /** Absent: the store cannot take webhooks in. */
  readonly webhooks?: WebhookStore | undefined
  readonly requests: KeyedRequestStore
  /** Closes what the store opened itself; never what the host passed in. */
  close(): Promise<void>
}
