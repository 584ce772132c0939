import type { CredentialStore } from '@syncline/core'

/** A mistake that a credential store may make, and the case that must catch it. */
interface PlantedCredentialBug {
  readonly caughtBy: string
  readonly plant: (store: CredentialStore) => Partial<CredentialStore>
}

export const plantedCredentialBugs: Readonly<Record<string, PlantedCredentialBug>> = {
  'tenants share a reference': {
    caughtBy: 'a tenant never sees the credential of another',
    plant: (store) => ({ read: ({ ref }) => store.read({ tenantId: 'tenant-2', ref }) }),
  },
  'list answers values': {
    caughtBy: 'list answers no value, only their names',
    plant: (store) => ({
      list: async (query) =>
        Promise.all(
          (await store.list(query)).map(async (one) => ({ ...one, values: (await store.read(one))?.values })),
        ),
    }),
  },
  'put keeps what it does not name': {
    caughtBy: 'put replaces all values and the expiry, as a new version',
    plant: (store) => ({
      put: async (id, input) =>
        store.put(id, { ...input, values: { ...(await store.read(id))?.values, ...input.values } }),
    }),
  },
  'a removed credential is only emptied': {
    caughtBy: 'remove takes it away; false when there is none',
    plant: (store) => ({ remove: async (id) => (await store.put(id, { values: {} })).version > 0 }),
  },
  'everyone may claim': {
    caughtBy: 'of any number of callers one gets the claim',
    plant: (store) => ({
      async claimRefresh(request) {
        const credential = await store.read(request.id)
        return credential ? { kind: 'claimed', credential, unfinished: 0 } : { kind: 'missing' }
      },
    }),
  },
  'a death leaves no trace': {
    caughtBy: 'a claim keeps others out until its lease ends, then counts as unfinished',
    plant: (store) => ({
      async claimRefresh(request) {
        const claim = await store.claimRefresh(request)
        return claim.kind === 'claimed' ? { ...claim, unfinished: 0 } : claim
      },
    }),
  },
  'an old version is refreshed': {
    caughtBy: 'another version than the stored one is settled already',
    plant: (store) => ({
      claimRefresh: async (request) =>
        store.claimRefresh({ ...request, version: (await store.read(request.id))?.version ?? 0 }),
    }),
  },
  'new values replace all others': {
    caughtBy: 'new values are saved as a new version, and those that were not named stay',
    plant: (store) => ({
      async completeRefresh({ id, version, values, expiresAt }) {
        if ((await store.read(id))?.version !== version) return undefined
        await store.put(id, { values, expiresAt })
        return store.read(id)
      },
    }),
  },
  'new values are saved over newer ones': {
    caughtBy: 'values of a version that was replaced are refused, and nothing changes',
    plant: (store) => ({
      completeRefresh: async (request) =>
        store.completeRefresh({ ...request, version: (await store.read(request.id))?.version ?? 0 }),
    }),
  },
  'late values are thrown away': {
    caughtBy: 'values that come after the lease has ended are saved while the version is the newest',
    plant: (store) => ({
      completeRefresh: async (request) =>
        (await store.read(request.id))?.state === 'active' ? store.completeRefresh(request) : undefined,
    }),
  },
  'released claims stay': {
    caughtBy: 'a released claim is free again and does not count as unfinished',
    plant: (store) => ({
      endRefresh: async (request) => request.outcome === 'released' || store.endRefresh(request),
    }),
  },
  'marking is forgotten': {
    caughtBy: 'reauth_required marks the credential, keeps its version, and settles further claims',
    plant: (store) => ({ endRefresh: (request) => store.endRefresh({ ...request, outcome: 'released' }) }),
  },
}
