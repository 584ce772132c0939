export type { ConfiguredConnector, ConfiguredPeople, SynclineConfig } from './config.ts'
export { defineConfig } from './config.ts'
