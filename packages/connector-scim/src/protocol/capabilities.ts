import type { ScimConfig } from '../config/config-schema.ts'
import { readCount, readMember } from './read-member.ts'

/** What a server can do, as far as listing goes. */
export interface Capabilities {
  /** RFC 9865. */
  readonly cursorPaging: boolean
  readonly filter: boolean
  readonly sort: boolean
  /** The most records it gives in a page; undefined: it does not say. */
  readonly maxResults: number | undefined
}

/**
 * Reads a `/ServiceProviderConfig` (RFC 7643, section 5; RFC 9865, section 4); what the config says counts more. A
 * server without one is taken to have nothing but `startIndex` and `count`.
 */
export function readCapabilities(body: unknown, supports: ScimConfig['supports']): Capabilities {
  const filter = readMember(body, 'filter')
  const pagination = readMember(body, 'pagination')
  const limits = [readCount(filter, 'maxResults'), readCount(pagination, 'maxPageSize')]
  // Servers write 0 where they mean none.
  const maxResults = Math.min(...limits.map((limit = 0) => (limit > 1 ? limit : Number.POSITIVE_INFINITY)))
  return {
    cursorPaging: supports.cursorPaging ?? readMember(pagination, 'cursor') === true,
    filter: supports.filter ?? readMember(filter, 'supported') === true,
    sort: supports.sort ?? readMember(readMember(body, 'sort'), 'supported') === true,
    maxResults: supports.maxResults ?? (Number.isFinite(maxResults) ? maxResults : undefined),
  }
}
