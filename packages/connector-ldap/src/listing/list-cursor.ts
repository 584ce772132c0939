import { SyncError } from '@syncline/core'

/**
 * Where a listing stands. The cookie of the paged results control is not part of it: servers bind it to the connection
 * it came on, refuse it elsewhere (OpenLDAP), or may take it for that of another search (389 Directory Server).
 */
export interface ListCursor {
  /** The open connection that can go on; known to one process only. */
  readonly session: string
  /** The page to be read, counted from 1. */
  readonly page: number
  /** How often the listing began again. */
  readonly restarts: number
}

const pattern = /^1\.([0-9a-f-]{36})\.([1-9]\d{0,9})\.(\d{1,6})$/

export const formatCursor = ({ session, page, restarts }: ListCursor): string =>
  `1.${session}.${page}.${restarts}`

/** @throws DELTA_EXPIRED for a cursor of another release */
export function parseCursor(text: string): ListCursor {
  const [, session, page, restarts] = pattern.exec(text) ?? []
  if (session === undefined) {
    throw new SyncError('DELTA_EXPIRED', 'The cursor is not one of this release of the LDAP connector')
  }
  return { session, page: Number(page), restarts: Number(restarts) }
}
