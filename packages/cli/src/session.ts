import { openEmbeddedStore, openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type EventSink, type Store, type Syncline, syncConfigDefaults } from '@syncline/core'
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

export interface SessionOptions {
  readonly onEvent?: EventSink | undefined
  /** Bring the tables of a server up to date. Reading commands leave them alone. @default false */
  readonly migrate?: boolean | undefined
}

export async function openSession(flags: SharedFlags, options: SessionOptions = {}): Promise<Session> {
  const { onEvent, migrate = false } = options
  const config = await loadConfig(flags.config)
  const store = await openStore(config, flags, migrate)
  const queue = await config.queue?.()
  const credentials = await config.credentials?.()
  const { close: closePeople, ...people } = (await config.people?.()) ?? {}
  const syncline = createSyncline({
    store,
    queue,
    credentials,
    ...people,
    connectorTypes: config.connectorTypes,
    limits: config.limits,
    onEvent,
  })
  return {
    config,
    syncline,
    async close() {
      await syncline.stop()
      await queue?.close()
      await closePeople?.()
      await store.close()
    },
  }
}

/** Flags win over the file. */
function openStore({ store }: SynclineConfig, flags: SharedFlags, migrate: boolean): Promise<Store> {
  const server = store && 'connectionString' in store ? store : undefined
  const folder = store && 'dataDir' in store ? store.dataDir : undefined
  if (flags.databaseUrl !== undefined) {
    return openPostgresStore({ connectionString: flags.databaseUrl, schema: server?.schema, migrate })
  }
  if (flags.dataDir !== undefined) return openEmbeddedStore({ dataDir: flags.dataDir })
  if (typeof store === 'function') return store()
  if (server) return openPostgresStore({ ...server, migrate })
  return openEmbeddedStore({ dataDir: folder ?? '.syncline' })
}

const unsaid = { ...syncConfigDefaults, cronSchedule: null, cronTimeZone: null, filterRules: null }

/** Brings connectors and settings of the file into the store; what the file does not say gets its default. */
export async function applyConfig({ config, syncline }: Session): Promise<void> {
  for (const { sync, ...connector } of config.connectors) {
    await syncline.connectors.save(connector)
    for (const [resourceType, settings] of Object.entries(sync)) {
      const { connectorId } = connector
      await syncline.configs.save({ ...unsaid, ...settings, connectorId, resourceType })
    }
  }
}
