import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'
import { systemClock } from '../time/system-clock.ts'
import { createUuidV7 } from '../time/uuid-v7.ts'
import { memoryChangeLog } from './memory-change-log.ts'
import { memoryConnectorStore } from './memory-connector-store.ts'
import { memoryKeyedRequestStore } from './memory-keyed-request-store.ts'
import { memoryPeopleStore } from './memory-people-store.ts'
import { memoryQuarantineStore } from './memory-quarantine-store.ts'
import { memoryResourceStore } from './memory-resource-store.ts'
import { memoryRunStore } from './memory-run-store.ts'
import { memoryScheduleStore } from './memory-schedule-store.ts'
import { createMemoryState } from './memory-state.ts'
import { memorySyncConfigStore } from './memory-sync-config-store.ts'
import { memoryWebhookStore } from './memory-webhook-store.ts'

export interface MemoryStoreOptions {
  /** Store time: what leases, staleness and retention go by. @default the system's */
  readonly clock?: Clock | undefined
  /** Makes resource ids. @default UUID v7 */
  readonly ids?: (() => string) | undefined
}

/**
 * A store that lives and dies with the process: for tests, trials and as the executable specification of the
 * store's ports.
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const state = createMemoryState(options.clock ?? systemClock, options.ids ?? createUuidV7())
  return {
    connectors: memoryConnectorStore(state),
    configs: memorySyncConfigStore(state),
    runs: memoryRunStore(state),
    schedules: memoryScheduleStore(state),
    resources: memoryResourceStore(state),
    changes: memoryChangeLog(state),
    quarantine: memoryQuarantineStore(state),
    people: memoryPeopleStore(state),
    webhooks: memoryWebhookStore(state),
    requests: memoryKeyedRequestStore(state),
    async close() {},
  }
}
