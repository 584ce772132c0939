import { initial } from './0001-initial.ts'
import { ordinals } from './0002-ordinals.ts'
import { credentials } from './0003-credentials.ts'
import { reads } from './0004-reads.ts'
import { schedules } from './0005-schedules.ts'
import { people } from './0006-people.ts'
import { webhooks } from './0007-webhooks.ts'
import { requests } from './0008-requests.ts'
import { places } from './0009-places.ts'
import { links } from './0010-links.ts'
import { plainSearches } from './0011-plain-searches.ts'
import { tenants } from './0012-tenants.ts'
import { owners } from './0013-owners.ts'
import { lowerBounds } from './0014-lower-bounds.ts'
import { orders } from './0015-orders.ts'
import type { Migration } from './migration.ts'

/** Every step, by version. */
export const migrations: readonly Migration[] = [
  initial,
  ordinals,
  credentials,
  reads,
  schedules,
  people,
  webhooks,
  requests,
  places,
  links,
  plainSearches,
  tenants,
  owners,
  lowerBounds,
  orders,
]
