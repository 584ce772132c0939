export { authifi } from './authifi-connector.ts'
export type { AuthifiConfig } from './config-schema.ts'
export { authifiConfigSchema } from './config-schema.ts'
