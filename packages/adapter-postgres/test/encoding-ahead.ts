import type { Lease, Store } from '@syncline/core'

/** The store, used as the engine does: every page is encoded before it is committed, under one lease per run. */
export function encodingAhead(store: Store): Store {
  const leases = new Map<string, Lease>()
  const { resources } = store
  return {
    ...store,
    resources: {
      ...resources,
      async commitPage(commit) {
        const key = JSON.stringify(commit.lease)
        const lease = leases.get(key) ?? commit.lease
        leases.set(key, lease)
        await resources.encodeAhead?.({ lease, records: commit.records }, async () => {})
        return resources.commitPage({ ...commit, lease })
      },
    },
  }
}
