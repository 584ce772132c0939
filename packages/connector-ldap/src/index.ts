export type { LdapConfig } from './config/config-schema.ts'
export { ldapConfigSchema } from './config/config-schema.ts'
export type { LdapConnectorOptions } from './ldap-connector.ts'
export { createLdapConnector, ldap } from './ldap-connector.ts'
