import type { Owner, PeopleStore, ProfileStore, UserDirectory } from '@syncline/core'

/** A mistake that an implementation may make, and the case that must catch it. */
interface Planted<Port> {
  readonly caughtBy: string
  readonly plant: (port: Port) => Partial<Port>
}

export const plantedPeopleBugs: Readonly<Record<string, Planted<PeopleStore>>> = {
  'a list begins anew whatever it is to go on from': {
    caughtBy: 'goes on after an external id, which need not be there',
    plant: (store) => ({ find: (slice) => store.find({ ...slice, after: undefined }) }),
  },
  'rows are found whosever they are': {
    caughtBy: 'matchesOf answers rows by their ids, those of the connector only',
    plant: (store) => ({
      matchesOf: async ({ matchIds }) => {
        const found = await Promise.all(
          ['hr', 'hr-2'].map((connectorId) => store.matchesOf({ connectorId, matchIds })),
        )
        return found.flat()
      },
    }),
  },
  'rows are written whatever their version is': {
    caughtBy: 'a row of another version is a conflict, and nothing at all is written',
    plant: (store) => ({
      async commit(commit) {
        const ids = commit.matches.map(({ externalId }) => externalId)
        const subjects = await store.subjectsOf(commit.scope, ids)
        const versions = new Map(subjects.map(({ externalId, match }) => [externalId, match?.version ?? 0]))
        const matches = commit.matches.map((write) => ({
          ...write,
          version: versions.get(write.externalId) ?? 0,
        }))
        return store.commit({ ...commit, matches })
      },
    }),
  },
  'a conflict loses the row only': {
    caughtBy: 'a row of another version is a conflict, and nothing at all is written',
    plant: (store) => ({
      async commit(commit) {
        const answer = await store.commit(commit)
        if (answer.kind === 'conflict') await store.commit({ ...commit, matches: [] })
        return answer
      },
    }),
  },
  'the lease is not looked at': {
    caughtBy: 'a commit with the lease of a run that was taken over is refused',
    plant: (store) => ({ commit: (commit) => store.commit({ ...commit, lease: undefined }) }),
  },
  'a commit does not extend its lease': {
    caughtBy: 'a commit extends its lease',
    plant: (store) => ({ commit: (commit) => store.commit({ ...commit, lease: undefined }) }),
  },
  'a live resource is deactivated': {
    caughtBy: 'is lost when the resource is live: nothing is recorded',
    plant: withoutCause,
  },
  'a second live resource is not seen': {
    caughtBy: 'is lost when another live resource of the scope leads to the user',
    plant: withoutCause,
  },
  'other connectors are not seen': {
    caughtBy: 'is lost when a row of another connector holds the user, live or not',
    plant: withoutCause,
  },
  'other resource types are not seen': {
    caughtBy: 'is lost when a row of another resource type holds the user, live or not',
    plant: withoutCause,
  },
  'settling twice counts': {
    caughtBy: 'an intended action is settled once; a later settling changes nothing',
    plant: (store) => ({
      async action(actionId) {
        const action = await store.action(actionId)
        return action?.status === 'done' ? { ...action, status: 'abandoned' } : action
      },
    }),
  },
  'rows die with their resource': {
    caughtBy: 'a row outlives the purge of its resource and is found again when it returns',
    plant: (store) => ({
      subjectsOf: async (scope, ids) =>
        (await store.subjectsOf(scope, ids)).map(({ match, ...subject }) =>
          subject.resource && match?.connectorResourceId !== subject.resource.resourceId
            ? subject
            : { ...subject, ...(match && { match }) },
        ),
    }),
  },
  'stale resources count as live': {
    caughtBy: 'live: every resource that is not stale, with its row',
    plant: (store) => ({
      subjects: async (slice) =>
        slice.which === 'live'
          ? [
              ...(await store.subjects(slice)),
              ...(await store.subjects({ ...slice, which: 'absent_linked' })),
            ]
          : store.subjects(slice),
    }),
  },
  'gone resources are forgotten': {
    caughtBy: 'absent_linked: rows that hold a user and whose resource is stale or gone',
    plant: (store) => ({
      subjects: async (slice) => (await store.subjects(slice)).filter(({ resource }) => resource),
    }),
  },
  'slices overlap': {
    caughtBy: 'after an id that is not there goes on behind it',
    plant: (store) => ({ subjects: (slice) => store.subjects({ ...slice, after: undefined }) }),
  },
  'links of one connector only': {
    caughtBy: 'links names every row that holds one of the users, in any scope of the tenant',
    plant: (store) => ({
      links: async (ids, owner) =>
        (await store.links(ids, owner)).filter(({ connectorId }) => connectorId === 'hr'),
    }),
  },
  'an undone deactivation is listed': {
    caughtBy: 'deactivations: those of the scope that nothing followed, in order, in slices',
    plant: (store) => ({
      deactivations: async ({ scope, after, limit }) =>
        (await store.actions({ ...scope, kind: 'deactivate', limit: 100 }))
          .filter(({ position }) => position > after)
          .toReversed()
          .slice(0, limit),
    }),
  },
  'links count as what was done to a user': {
    caughtBy: 'lastActions: the last that was done to each user, of those that change users',
    plant: (store) => ({
      lastActions: async (ids) =>
        (await Promise.all([...new Set(ids)].map((userId) => store.actions({ userId, limit: 1 })))).flat(),
    }),
  },
  'a claim keeps nobody out': {
    caughtBy: 'of any number of claimants one gets a job',
    plant: (store) => ({ claimJobs: ({ limit }) => store.claimJobs({ limit, leaseMs: -1 }) }),
  },
  'delivered jobs come again': {
    caughtBy: 'a job whose claim ended is claimed again, one that was delivered is not',
    plant: () => ({ deliveredJobs: async () => undefined }),
  },
  'two post-syncs at once': {
    caughtBy: 'of any number of callers one begins, and the others learn which run holds the scope',
    plant: (store) => ({
      async begin(request) {
        const begun = await store.begin(request)
        if (begun.kind === 'started') return begun
        const [run] = await store.runs({ ...request.scope, limit: 1 })
        return run ? { kind: 'started', run, triggeredTo: 0, tenantId: 'tenant-1' } : begun
      },
    }),
  },
  'a failed post-sync is not tried again': {
    caughtBy: 'a scope whose last run failed is due once its wait is over, without any change',
    plant: (store) => ({
      due: async (query) => {
        const due = await store.due(query)
        const runs = await Promise.all(due.map((scope) => store.runs({ ...scope, limit: 1 })))
        return due.filter((_, place) => runs[place]?.[0]?.status !== 'error')
      },
    }),
  },
  'links of every tenant count': {
    caughtBy: 'links names rows of connectors of the tenant only',
    plant: (store) => ({ links: (ids) => ofAll(tenantsOf.people, (owner) => store.links(ids, owner)) }),
  },
  'a link of another tenant keeps a user': {
    caughtBy: 'a row of another tenant that holds an equal user id is no cause to keep a user',
    plant: (store) => ({
      async commit(commit) {
        const ids = commit.actions.flatMap(({ userId }) => userId ?? [])
        const links = await ofAll(tenantsOf.people, (owner) => store.links(ids, owner))
        const isElsewhere = links.some(({ connectorId }) => connectorId !== commit.scope.connectorId)
        return isElsewhere ? { kind: 'conflict', externalIds: ['a'] } : store.commit(commit)
      },
    }),
  },
  'actions of every tenant count': {
    caughtBy: 'lastActions and deactivations know actions of the tenant only',
    plant: (store) => ({
      lastActions: (ids) => ofAll(tenantsOf.people, (owner) => store.lastActions(ids, owner)),
    }),
  },
  'deactivations of every tenant are listed': {
    caughtBy: 'lastActions and deactivations know actions of the tenant only',
    plant: (store) => ({
      deactivations: (request) =>
        ofAll(tenantsOf.people, (owner) => store.deactivations({ ...request, ...owner })),
    }),
  },
  'a commit is not held to its tenant': {
    caughtBy: 'a commit for another tenant than the connector’s is refused, and nothing is written',
    plant: (store) => ({ commit: (commit) => store.commit({ ...commit, tenantId: 'tenant-1' }) }),
  },
}

/** What is planted in a port that ignores tenants sees those of the suites. */
const tenantsOf = {
  users: [{ tenantId: 'tenant-a' }, { tenantId: 'tenant-b' }],
  people: [{ tenantId: 'tenant-1' }, { tenantId: 'tenant-2' }],
} as const

async function ofAll<Item>(
  owners: readonly Owner[],
  read: (owner: Owner) => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  return (await Promise.all(owners.map(read))).flat()
}

/** Intends what it is told, without asking whether the cause is still there. */
function withoutCause(store: PeopleStore): Partial<PeopleStore> {
  return {
    commit: (commit) =>
      store.commit({ ...commit, actions: commit.actions.map((action) => ({ ...action, undoes: 'x' })) }),
  }
}

export const plantedDirectoryBugs: Readonly<Record<string, Planted<UserDirectory>>> = {
  'deactivated users are not found': {
    caughtBy: 'deactivated users are still found, by every look-up',
    plant: (users) => ({
      findByKeys: async (lookup) =>
        (await users.findByKeys(lookup)).filter(({ user }) => user.status !== 'deactivated'),
    }),
  },
  'one user for each key': {
    caughtBy: 'email: folded, all users who have it, none where there is none',
    plant: (users) => ({ findByKeys: (lookup) => users.findByKeys({ ...lookup, perKey: 1 }) }),
  },
  'the issuer is not looked at': {
    caughtBy: 'email_and_issuer: two fields, never parts of one text',
    plant: (users) => ({
      findByKeys: (lookup) =>
        users.findByKeys(lookup.strategy === 'email_and_issuer' ? { ...lookup, strategy: 'email' } : lookup),
    }),
  },
  'ids are folded': {
    caughtBy: 'upstream_identity and external_id: byte for byte',
    plant: (users) => ({
      findByKeys: (lookup) =>
        users.findByKeys({
          ...lookup,
          keys: lookup.keys.map(({ value }) => ({ value: value.toLowerCase() })),
        }),
    }),
  },
  'an action makes a user each time': {
    caughtBy: 'an action that is repeated answers the user it made, as it is now, and makes no other',
    plant: (users) => ({
      create: (requests) => {
        made += 1
        return users.create(requests.map((one) => ({ ...one, actionId: `${one.actionId}-${made}` })))
      },
    }),
  },
  'an e-mail may be had twice': {
    caughtBy: 'an e-mail that somebody has, in whatever case and status, is taken; the others are made',
    plant: (users) => ({
      async create(requests) {
        const outcomes = await users.create(requests)
        const again = requests.filter((_, place) => outcomes[place]?.kind === 'email_taken')
        const other = await users.create(again.map((one) => ({ ...one, email: `x${one.email}` })))
        return outcomes.map((one) => other.find(({ actionId }) => actionId === one.actionId) ?? one)
      },
    }),
  },
  'made users are forgotten': {
    caughtBy: 'createdBy says which actions made a user, and leaves out the others',
    plant: () => ({ createdBy: async () => [] }),
  },
  'who comes back is active': {
    caughtBy: 'a user comes back in the status it had',
    plant: (users) => ({
      get: async (ids, owner) =>
        (await users.get(ids, owner)).map((one) =>
          one.status === 'unconfirmed' ? { ...one, status: 'active' } : one,
        ),
    }),
  },
  'a repeated change is nobody’s': {
    caughtBy: 'repeating an action changes nothing and answers changed again',
    plant: (users) => ({
      changeStatus: (changes) => {
        made += 1
        return users.changeStatus(changes.map((one) => ({ ...one, actionId: `${one.actionId}-${made}` })))
      },
    }),
  },
  'users of every tenant are found': {
    caughtBy: 'findByKeys by email finds users of the tenant only, and names their tenant',
    plant: (users) => ({
      findByKeys: (lookup) => ofAll(tenantsOf.users, (owner) => users.findByKeys({ ...lookup, ...owner })),
    }),
  },
  'ids are looked up in every tenant': {
    caughtBy: 'get returns users of the tenant only, even if user ids of two tenants are equal',
    plant: (users) => ({ get: (ids) => ofAll(tenantsOf.users, (owner) => users.get(ids, owner)) }),
  },
  'an e-mail may be had in one tenant only': {
    caughtBy: 'create makes a user in its tenant although another tenant has the e-mail',
    plant: (users) => ({
      create: (requests) => users.create(requests.map((one) => ({ ...one, tenantId: 'tenant-a' }))),
    }),
  },
  'made users are known in every tenant': {
    caughtBy: 'an action id of another tenant has made no user',
    plant: (users) => ({
      createdBy: (ids) => ofAll(tenantsOf.users, (owner) => users.createdBy(ids, owner)),
    }),
  },
  'users of every tenant are changed': {
    caughtBy: 'changeStatus changes the user of the tenant only, even if user ids are equal',
    plant: (users) => ({
      async changeStatus(changes) {
        const outcomes = await users.changeStatus(changes)
        for (const owner of tenantsOf.users) {
          await users.changeStatus(
            changes.map((one) => ({ ...one, ...owner, actionId: `${one.actionId}-x` })),
          )
        }
        return outcomes
      },
    }),
  },
}

let made = 0

export const plantedProfileBugs: Readonly<Record<string, Planted<ProfileStore>>> = {
  'the last writer wins': {
    caughtBy: 'the version changes with every write; one that is not the latest is left alone, whole',
    plant: (profiles) => ({
      async write(writes) {
        const [{ tenantId } = { tenantId: 'default' }] = writes
        const read = await profiles.read(
          writes.map(({ userId }) => userId),
          { tenantId },
        )
        const versions = new Map(read.map(({ userId, version }) => [userId, version]))
        return profiles.write(writes.map((one) => ({ ...one, version: versions.get(one.userId) ?? '' })))
      },
    }),
  },
  'fields that are cleared stay': {
    caughtBy: 'what a write does not name stays; a field without a value is cleared',
    plant: (profiles) => ({
      write: (writes) =>
        profiles.write(
          writes.map((one) => ({ ...one, changes: one.changes.filter(({ to }) => to !== undefined) })),
        ),
    }),
  },
  'nobody knows who wrote a field': {
    caughtBy: 'fields are kept exactly, with who wrote them, and other users are untouched',
    plant: (profiles) => ({
      read: async (ids, owner) =>
        (await profiles.read(ids, owner)).map((one) => ({ ...one, attributeSources: {} })),
    }),
  },
  'profiles of all tenants are one': {
    caughtBy: 'profiles of equal user ids of two tenants are read and written apart',
    plant: (profiles) => ({
      read: (ids) => profiles.read(ids, { tenantId: 'tenant-a' }),
      write: (writes) => profiles.write(writes.map((one) => ({ ...one, tenantId: 'tenant-a' }))),
    }),
  },
}
