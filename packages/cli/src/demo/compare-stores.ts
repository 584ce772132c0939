import { isDeepStrictEqual } from 'node:util'
import type { Syncline } from '@syncline/core'
import type { Directory } from '@syncline/testing/upstream'

/** How a scope's live resources differ from upstream: ids missing here, ids too many, ids with other content. */
export interface Difference {
  readonly missing: number
  readonly surplus: number
  readonly different: number
}

export const noDifference: Difference = { missing: 0, surplus: 0, different: 0 }

/** Compares every live resource with its upstream entry, all of its content. */
export async function compareWithUpstream(
  syncline: Syncline,
  directory: Directory,
  scope: { readonly connectorId: string; readonly resourceType: string },
): Promise<Difference> {
  const entries = new Map(directory.entries(scope.resourceType).map((entry) => [entry.id, entry]))
  let surplus = 0
  let different = 0
  for await (const resource of syncline.resources.all({ ...scope, stale: false })) {
    const entry = entries.get(resource.externalId)
    entries.delete(resource.externalId)
    if (!entry) surplus += 1
    else {
      const { id: _, name, mail, parent, ...attributes } = entry
      const here = [resource.displayName, resource.email, resource.parent?.externalId, resource.attributes]
      if (!isDeepStrictEqual(here, [name, mail ?? null, parent ?? undefined, attributes])) different += 1
    }
  }
  return { missing: entries.size, surplus, different }
}
