import type { ConnectorContext, ListRequest } from '@syncline/core'
import type { LdapConfig } from '../config/config-schema.ts'
import type { DirectoryMap } from '../config/directory-map.ts'
import type { ListedType } from './listed-types.ts'
import type { OpenListings } from './open-listings.ts'

/** A list command under way. */
export interface ListCall {
  readonly request: ListRequest
  readonly context: ConnectorContext<LdapConfig>
  readonly map: DirectoryMap
  readonly type: ListedType
  readonly listings: OpenListings
}
