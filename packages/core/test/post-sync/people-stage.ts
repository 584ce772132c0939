import {
  createSyncline,
  createUuidV7,
  type JsonObject,
  type LocalUser,
  type Match,
  type Run,
  type Scope,
  type Store,
  type SyncConfigInput,
  type Syncline,
  type SynclineOptions,
  type UpstreamRecord,
} from '@syncline/core'
import {
  type MemoryProfileStore,
  type MemoryUserDirectory,
  memoryProfileStore,
  memoryStore,
  memoryUserDirectory,
} from '@syncline/core/memory'
import {
  type FakeClock,
  fakeClock,
  type RecordingWorkflows,
  recordingWorkflows,
  scriptedConnector,
} from '@syncline/testing'

export const staff: Scope = { connectorId: 'hr', resourceType: 'user' }
export const otherStaff: Scope = { connectorId: 'hr-2', resourceType: 'user' }

export type Settings = Omit<SyncConfigInput, 'connectorId' | 'resourceType'>

/** A person upstream; the name of the e-mail is the id unless another is said. */
export const person = (externalId: string, change: Partial<UpstreamRecord> = {}): UpstreamRecord => ({
  externalId,
  displayName: `Name of ${externalId}`,
  email: `${externalId}@acme.example`,
  attributes: {},
  ...change,
})

export const people = (...ids: string[]): UpstreamRecord[] => ids.map((id) => person(id))

/** A user of the host, who has the e-mail of the person of this name. */
export const localUser = (name: string, change: Partial<LocalUser> = {}): LocalUser => ({
  userId: `user-${name}`,
  status: 'active',
  email: `${name}@acme.example`,
  ...change,
})

export const localUsers = (...names: string[]): LocalUser[] => names.map((name) => localUser(name))

export interface PeopleStage {
  readonly clock: FakeClock
  readonly store: Store
  readonly users: MemoryUserDirectory
  readonly profiles: MemoryProfileStore
  readonly workflows: RecordingWorkflows
  readonly syncline: Syncline
  /** Another process on the same data, perhaps with parts of it replaced. */
  another(options?: Partial<SynclineOptions>): Syncline
  /** Upstream lists exactly these from now on, and a full sync is run. */
  sync(...listed: readonly UpstreamRecord[]): Promise<Run>
  configure(settings: Settings): Promise<void>
  /** Every match row of a scope as `id status user`. @default of staff */
  rows(scope?: Scope): Promise<string[]>
  /** @default of staff */
  row(externalId: string, scope?: Scope): Promise<Match>
  /** Every user as `id status`. */
  statuses(): string[]
  /** The journal, oldest first, as `kind status id`. */
  journal(): Promise<string[]>
  /** What is in a profile. */
  profile(userId: string): Promise<JsonObject | undefined>
}

export interface StageOptions {
  readonly users?: readonly LocalUser[]
  readonly settings?: Settings
  readonly options?: Partial<SynclineOptions>
  /** Keeps post-sync from running by itself. */
  readonly manual?: boolean
}

/** One connector, its upstream, a host with users, profiles and workflows; and a second connector without a listing. */
export async function setPeopleStage(request: StageOptions = {}): Promise<PeopleStage> {
  const clock = fakeClock({ auto: true })
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [] }, group: { pages: [] } }, clock })
  const store = memoryStore({ clock, ids: createUuidV7() })
  const users = memoryUserDirectory({ users: request.users, ids: countedIds() })
  const profiles = memoryProfileStore()
  const workflows = recordingWorkflows()
  const another = (options: Partial<SynclineOptions> = {}): Syncline =>
    createSyncline({
      store,
      users,
      profiles,
      workflows,
      clock,
      connectorTypes: [connector],
      random: () => 1,
      automaticPostSync: request.manual !== true,
      ...request.options,
      ...options,
    })
  const syncline = another()
  for (const scope of [staff, otherStaff]) {
    await syncline.connectors.save({ connectorId: scope.connectorId, type: connector.type })
  }
  // Small companies lose large parts of their staff.
  const configure = async (settings: Settings): Promise<void> => {
    await syncline.configs.save({ ...staff, ...settings })
  }
  await configure({ removalGuard: null, deactivationGuard: null, ...request.settings })
  return {
    clock,
    store,
    users,
    profiles,
    workflows,
    syncline,
    another,
    configure,
    async sync(...listed) {
      connector.script('user', [listed])
      return syncline.sync(staff)
    },
    ...readingsOf({ syncline, users, profiles }),
  }
}

type Readings = Pick<PeopleStage, 'rows' | 'row' | 'statuses' | 'journal' | 'profile'>

function readingsOf({
  syncline,
  users,
  profiles,
}: Pick<PeopleStage, 'syncline' | 'users' | 'profiles'>): Readings {
  const matchesOf = async (scope: Scope): Promise<readonly Match[]> =>
    (await syncline.matches.list({ ...scope, pageSize: 2_000 })).data
  return {
    async rows(scope = staff) {
      return (await matchesOf(scope)).map(({ externalId, matchStatus, userId }) =>
        [externalId, matchStatus, userId].filter((part) => part !== undefined).join(' '),
      )
    },
    async row(externalId, scope = staff) {
      const found = (await matchesOf(scope)).find((row) => row.externalId === externalId)
      if (!found) throw new Error(`There is no match row of ${externalId}`)
      return found
    },
    statuses: () => users.all().map(({ userId, status }) => `${userId} ${status}`),
    async journal() {
      const actions = await syncline.postSync.actions({ limit: 10_000 })
      return actions.toReversed().map(({ kind, status, externalId }) => `${kind} ${status} ${externalId}`)
    },
    async profile(userId) {
      const [profile] = await profiles.read([userId])
      return profile?.attributes
    },
  }
}

function countedIds(): () => string {
  let made = 0
  return () => `made-${(made += 1)}`
}
