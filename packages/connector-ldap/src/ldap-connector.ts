import {
  type ConnectorContext,
  type ConnectorType,
  defineConnector,
  type ResourceTypeDefinition,
} from '@syncline/core'
import { checkAccess } from './check-access.ts'
import { type LdapConfig, ldapConfigSchema } from './config/config-schema.ts'
import { directoryMap } from './config/directory-map.ts'
import type { LdapContext } from './connection/ldap-context.ts'
import { listPage } from './listing/list-page.ts'
import { type ListedType, listedGroups, listedUsers } from './listing/listed-types.ts'
import { createOpenListings } from './listing/open-listings.ts'

export interface LdapConnectorOptions {
  /**
   * Listings of this process that may wait for their next page with their connections open; beyond it the one that
   * waits longest is closed and begins again. Each holds one connection, or two where members are looked up.
   * @default 16
   */
  readonly maxOpenListings?: number | undefined
  /**
   * Whether connectors may reach private networks, where most directories are. `false` limits them to public addresses
   * and the networks in `allowedNetworks` of `createSyncline`: set it where tenants configure connectors. Loopback,
   * link-local and other addresses of the machine itself always need `allowedNetworks`.
   * @default true
   */
  readonly allowPrivateNetworks?: boolean | undefined
}

/**
 * The connector type `ldap`: users and groups of Active Directory, OpenLDAP and servers like them. Incremental by the
 * time of the last change. Its credential holds `{ bindDn, password }`.
 */
export function createLdapConnector(options: LdapConnectorOptions = {}): ConnectorType<LdapConfig> {
  const { maxOpenListings = 16, allowPrivateNetworks = true } = options
  const listings = createOpenListings(maxOpenListings)
  const extend = (context: ConnectorContext<LdapConfig>): LdapContext => ({
    ...context,
    allowPrivateNetworks,
  })
  const listed = (type: ListedType): ResourceTypeDefinition<LdapConfig> => ({
    incremental: true,
    list: (request, context) =>
      listPage({ request, context: extend(context), type, listings, map: directoryMap(context.config) }),
  })
  return defineConnector<LdapConfig>({
    type: 'ldap',
    displayName: 'LDAP directory',
    configSchema: ldapConfigSchema,
    resourceTypes: { user: listed(listedUsers), group: listed(listedGroups) },
    check: (context) => checkAccess(extend(context)),
  })
}

/** The connector type `ldap` with its defaults. */
export const ldap: ConnectorType<LdapConfig> = createLdapConnector()
