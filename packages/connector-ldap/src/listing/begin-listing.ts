import { randomUUID } from 'node:crypto'
import { openConnection } from '../connection/open-connection.ts'
import { createReferenceMemory } from '../membership/reference-memory.ts'
import type { ListCall } from './list-call.ts'
import type { OpenListing } from './open-listings.ts'

/** Connects for a listing from its first page. */
export async function beginListing({ request, context, type, map }: ListCall): Promise<OpenListing> {
  const { signal } = request
  const connection = await openConnection(context, signal)
  const listing = { session: randomUUID(), memory: createReferenceMemory(), page: 1, cookie: undefined }
  if (!type.needsLookups(map)) return { ...listing, connection, lookups: connection }
  try {
    return { ...listing, connection, lookups: await openConnection(context, signal) }
  } catch (error) {
    connection.close()
    throw error
  }
}
