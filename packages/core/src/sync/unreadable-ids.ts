import type { Run } from '../model/run.ts'
import type { Store } from '../ports/store.ts'

const sliceSize = 1_000

/** Whether a listing held records whose id could not be read: nobody knows whose rows they are. */
export async function metUnreadableIds(store: Store, run: Run, quarantined: number): Promise<boolean> {
  if (quarantined === 0) return false
  const { connectorId, resourceType, generation } = run
  const scope = { connectorId, resourceType }
  for (let offset = 0; ; offset += sliceSize) {
    const slice = await store.quarantine.list({ scope, limit: sliceSize, offset })
    if (slice.some((entry) => entry.externalId === undefined && entry.generation === generation)) return true
    if (slice.length < sliceSize) return false
  }
}
