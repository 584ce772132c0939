import type { LdapConnection } from '../connection/ldap-connection.ts'
import type { ReferenceMemory } from '../membership/reference-memory.ts'
import type { ListCursor } from './list-cursor.ts'

/** A listing that can go on: the connection its cookie belongs to, and what it has learnt. */
export interface OpenListing {
  readonly session: string
  readonly connection: LdapConnection
  /** For look-ups while a page is read: servers keep one paged search per connection. */
  readonly lookups: LdapConnection
  readonly memory: ReferenceMemory
  /** The page that comes next. */
  page: number
  cookie: Buffer | undefined
}

/** Listings that wait for their next page. A shortcut only: a listing that is not here begins again. */
export interface OpenListings {
  /** Takes a listing out, if it still stands exactly where the cursor says. */
  take(cursor: ListCursor): OpenListing | undefined
  /** Keeps it for its next page. */
  keep(listing: OpenListing): void
}

export function closeListing({ connection, lookups }: OpenListing): void {
  connection.close()
  lookups.close()
}

const isOpen = ({ connection, lookups }: OpenListing): boolean => connection.open && lookups.open

/** Keeps at most so many; the one that waits longest gives way. */
export function createOpenListings(atMost: number): OpenListings {
  const waiting = new Map<string, OpenListing>()
  return {
    take({ session, page }) {
      const listing = waiting.get(session)
      waiting.delete(session)
      if (listing?.page === page && isOpen(listing)) return listing
      if (listing) closeListing(listing)
      return undefined
    },
    keep(listing) {
      for (const [session, other] of waiting) if (!isOpen(other)) waiting.delete(session)
      waiting.set(listing.session, listing)
      const [oldest] = waiting.values()
      if (waiting.size <= atMost || oldest === undefined) return
      waiting.delete(oldest.session)
      closeListing(oldest)
    },
  }
}
