import type { ResourceStore } from '@syncline/core'
import type { StoreContext } from '../context.ts'
import { closeListing } from './close-listing.ts'
import { commitPage } from './commit-page.ts'
import { countResources } from './count-resources.ts'
import { findResources } from './find-resources.ts'
import { getResource } from './get-resource.ts'
import { KnownCounts } from './known-counts.ts'
import { KnownPlaces } from './known-places.ts'
import { markStale } from './mark-stale.ts'
import { PagesAhead } from './pages-ahead.ts'
import { purgeExpired, purgeStale } from './purge-stale.ts'
import { removeOne, upsertOne } from './write-one.ts'

/** The resources. */
export function resourceStore(context: StoreContext): ResourceStore {
  const { database, tables } = context
  const { rowsWalkedFirst } = context.sizes
  const ahead = new PagesAhead()
  const places = new KnownPlaces()
  const counts = new KnownCounts()
  return {
    commitPage: commitPage(context, ahead),
    encodeAhead: (page, turn) => ahead.encode(page, { ...context, arrays: database.arrays }, turn),
    closeListing: closeListing(context),
    markStale: markStale(context),
    purgeStale: purgeStale(context),
    purgeExpired: purgeExpired(context),
    upsertOne: upsertOne(context),
    removeOne: removeOne(context),
    get: (ref) => database.read((session) => getResource(session, tables, ref)),
    find: (slice) =>
      database.read((session) => findResources(session, tables, { slice, rowsWalkedFirst, places })),
    count: (query) =>
      database.read((session) => countResources(session, tables, { query, rowsWalkedFirst, counts })),
  }
}
