import { type ConnectorContext, SyncError } from '@syncline/core'
import { PagedResultsControl, PresenceFilter } from 'ldapts'
import type { LdapConfig } from './config/config-schema.ts'
import { directoryMap } from './config/directory-map.ts'
import { openConnection } from './connection/open-connection.ts'
import { searchFew } from './directory/search.ts'

/**
 * Connects, encrypts, binds, and looks at what a sync needs: paged results and both bases.
 * @throws UNAUTHORIZED, CREDENTIAL_INVALID, CONNECTOR_CONFIG_INVALID, UPSTREAM_REJECTED, UPSTREAM_UNAVAILABLE
 */
export async function checkAccess(context: ConnectorContext<LdapConfig>): Promise<void> {
  const { config } = context
  const connection = await openConnection(context)
  try {
    const searcher = { connection, timeoutMs: config.timeoutMs, signal: undefined }
    const filter = new PresenceFilter({ attribute: 'objectClass' })
    const look = (baseDn: string, attributes: readonly string[]) =>
      searchFew(searcher, { baseDn, scope: 'base', filter, attributes })
    const [root] = await look('', ['supportedControl'])
    if (root !== undefined && !root.texts('supportedControl').includes(PagedResultsControl.type)) {
      throw new SyncError('UPSTREAM_REJECTED', 'The LDAP server does not support paged results (RFC 2696)')
    }
    const { user, group } = directoryMap(config)
    for (const baseDn of new Set([config.baseDn, user.baseDn, group.baseDn])) await look(baseDn, ['1.1'])
  } finally {
    connection.close()
  }
}
