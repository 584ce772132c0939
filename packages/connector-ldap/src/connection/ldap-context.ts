import type { ConnectorContext } from '@syncline/core'
import type { LdapConfig } from '../config/config-schema.ts'

/** The context of a call, with the options that the connector type was created with. */
export interface LdapContext extends ConnectorContext<LdapConfig> {
  readonly allowPrivateNetworks: boolean
}
