export type { ScimConfig } from './config/config-schema.ts'
export { scimConfigSchema } from './config/config-schema.ts'
export type { ScimConnectorOptions } from './scim-connector.ts'
export { createScimConnector, scim } from './scim-connector.ts'
