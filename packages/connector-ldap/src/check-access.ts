import { SyncError } from '@syncline/core'
import { PagedResultsControl, PresenceFilter } from 'ldapts'
import { directoryMap } from './config/directory-map.ts'
import type { LdapContext } from './connection/ldap-context.ts'
import { openConnection } from './connection/open-connection.ts'
import { searchFew } from './directory/search.ts'

/**
 * Connects, encrypts, binds, and looks at what a sync needs: paged results and both bases. A server that keeps sending
 * without an end is given up after twice `timeoutMs`.
 * @throws UNAUTHORIZED, CREDENTIAL_INVALID, CONNECTOR_CONFIG_INVALID, ADDRESS_DENIED, UPSTREAM_REJECTED,
 * UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT
 */
export async function checkAccess(context: LdapContext): Promise<void> {
  const { clock, config } = context
  const deadlineMs = 2 * config.timeoutMs
  const deadline = new AbortController()
  const disarm = clock.after(deadlineMs, () => deadline.abort(tooSlow(deadlineMs)))
  try {
    await lookAround(context, deadline.signal)
  } finally {
    disarm()
  }
}

async function lookAround(context: LdapContext, signal: AbortSignal): Promise<void> {
  const { config } = context
  const connection = await openConnection(context, signal)
  try {
    const searcher = { connection, timeoutMs: config.timeoutMs, signal }
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

const tooSlow = (deadlineMs: number): SyncError =>
  new SyncError(
    'UPSTREAM_TIMEOUT',
    `Checking the LDAP server took longer than ${deadlineMs} ms, twice timeoutMs; raise timeoutMs if the server is slow`,
  )
