import { openEmbeddedStore, openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type EventSink, type Store, type Syncline } from '@syncline/core'
import { loadConfig, type SynclineConfig } from './config.ts'

/** Flags every command takes. */
export interface SharedFlags {
  readonly config?: string | undefined
  readonly dataDir?: string | undefined
  readonly databaseUrl?: string | undefined
  readonly json?: boolean | undefined
}

/** An open Syncline with the configuration it came from. */
export interface Session {
  readonly config: SynclineConfig
  readonly syncline: Syncline
  close(): Promise<void>
}

export async function openSession(flags: SharedFlags, onEvent?: EventSink): Promise<Session> {
  const config = await loadConfig(flags.config)
  const store = await openStore(config, flags)
  const syncline = createSyncline({
    store,
    connectorTypes: config.connectorTypes,
    limits: config.limits,
    onEvent,
  })
  return {
    config,
    syncline,
    async close() {
      await syncline.stop()
      await store.close()
    },
  }
}

/** Flags win over the file. */
function openStore({ store }: SynclineConfig, { dataDir, databaseUrl }: SharedFlags): Promise<Store> {
  if (databaseUrl !== undefined) return openPostgresStore({ connectionString: databaseUrl, migrate: true })
  if (dataDir !== undefined) return openEmbeddedStore({ dataDir })
  if (typeof store === 'function') return store()
  if (store && 'connectionString' in store) return openPostgresStore({ ...store, migrate: true })
  return openEmbeddedStore({ dataDir: store?.dataDir ?? '.syncline' })
}

/** Brings connectors and settings of the file into the store. */
export async function applyConfig({ config, syncline }: Session): Promise<void> {
  for (const { sync, ...connector } of config.connectors) {
    await syncline.connectors.save(connector)
    for (const [resourceType, settings] of Object.entries(sync)) {
      await syncline.configs.save({ connectorId: connector.connectorId, resourceType, ...settings })
    }
  }
}
