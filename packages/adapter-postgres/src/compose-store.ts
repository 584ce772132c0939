import { createUuidV7, type Store } from '@syncline/core'
import { changeLog } from './changes.ts'
import { syncConfigStore } from './configs.ts'
import { connectDatabase } from './connect-database.ts'
import { connectorStore } from './connectors.ts'
import type { Sizes, StoreContext } from './context.ts'
import { keyedRequestStore } from './keyed-requests.ts'
import { peopleStore } from './people/people-store.ts'
import { quarantineStore } from './quarantine.ts'
import { resourceStore } from './resources/resource-store.ts'
import { runStore } from './runs/run-store.ts'
import { scheduleStore } from './schedules.ts'
import { checkVersion } from './schema-version.ts'
import type { PostgresStoreOptions } from './store-options.ts'
import { webhookStore } from './webhooks/webhook-store.ts'

/** The parts of a store put together. */
export function composeStore<HostTables>(options: PostgresStoreOptions<HostTables>, sizes: Sizes): Store {
  const { database, tables, disconnect } = connectDatabase(options, checkVersion)
  const context: StoreContext = { database, tables, createId: options.ids ?? createUuidV7(), sizes }
  return {
    connectors: connectorStore(context),
    configs: syncConfigStore(context),
    runs: runStore(context),
    schedules: scheduleStore(context),
    resources: resourceStore(context),
    changes: changeLog(context),
    quarantine: quarantineStore(context),
    people: peopleStore(context),
    requests: keyedRequestStore(context),
    webhooks: webhookStore(context),
    async close() {
      disconnect()
    },
  }
}
