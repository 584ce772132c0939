export type { ConfiguredConnector, SynclineConfig } from './config.ts'
export { defineConfig } from './config.ts'
