import type { ListRequest } from '@syncline/core'
import type { DirectoryMap } from '../config/directory-map.ts'
import type { LdapContext } from '../connection/ldap-context.ts'
import type { ListedType } from './listed-types.ts'
import type { OpenListings } from './open-listings.ts'

/** A list command under way. */
export interface ListCall {
  readonly request: ListRequest
  readonly context: LdapContext
  readonly map: DirectoryMap
  readonly type: ListedType
  readonly listings: OpenListings
}
