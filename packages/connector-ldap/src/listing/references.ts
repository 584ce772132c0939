import { type ConnectorContext, SyncError } from '@syncline/core'
import type { LdapConfig } from '../config/config-schema.ts'

/** Partitions that every Active Directory domain refers to and that hold neither users nor groups. */
const partitions = /^(dc=forestdnszones|dc=domaindnszones|cn=configuration|cn=schema,cn=configuration),/i

/**
 * Decides what it means that parts of the base are on other servers, which are never asked: they would get the
 * password. What is missing today may have been here yesterday, so a listing without it is refused by default.
 * @throws UPSTREAM_REJECTED with the servers' URLs, unless the config ignores them
 */
export function judgeReferences(context: ConnectorContext<LdapConfig>, references: readonly string[]): void {
  const elsewhere = references.filter((url) => !partitions.test(baseOf(url)))
  if (elsewhere.length === 0) return
  const details = { count: elsewhere.length, references: elsewhere.slice(0, 10) }
  if (context.config.referrals === 'ignore') {
    const { connectorId } = context
    context.logger.warn(
      { connectorId, ...details },
      'parts of the LDAP base are on other servers and are left out',
    )
    return
  }
  throw new SyncError(
    'UPSTREAM_REJECTED',
    `${elsewhere.length} parts of the base are on other servers (${details.references.join(', ')}); narrow baseDn, or set referrals to "ignore" and sync those servers with connectors of their own`,
    { details },
  )
}

/** The DN of an LDAP URL, RFC 4516. */
function baseOf(url: string): string {
  const path = /^ldaps?:\/\/[^/]*\/([^?]*)/i.exec(url)?.[1] ?? ''
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
