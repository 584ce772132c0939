import { SyncError } from '../errors.ts'
import { userKey } from '../matching/match-keys.ts'
import { emailKey } from '../matching/match-text.ts'
import type { LocalUser, UserStatus } from '../model/local-user.ts'
import { type MatchStrategy, matchStrategies } from '../model/match.ts'
import { defaultTenantId, type Owner } from '../model/owner.ts'
import type {
  CreatedUser,
  NewUser,
  StatusChange,
  StatusChanged,
  UserDirectory,
  UserKey,
} from '../ports/user-directory.ts'
import { createUuidV7 } from '../time/uuid-v7.ts'
import { compareCodePoints } from './compare-code-points.ts'
import { copyOf } from './memory-state.ts'
import { type TenantMap, tenantMap } from './tenant-map.ts'

export interface MemoryUserDirectoryOptions {
  /** Of any tenants; a user without a `tenantId` belongs to 'default'. */
  readonly users?: readonly LocalUser[] | undefined
  /** Makes user ids. @default UUID v7 */
  readonly ids?: (() => string) | undefined
}

/** A directory of users and what its host does with it. Where an owner is left out, it is the tenant 'default'. */
export interface MemoryUserDirectory extends UserDirectory {
  get(userIds: readonly string[], owner?: Owner): Promise<readonly LocalUser[]>
  createdBy(
    actionIds: readonly string[],
    owner?: Owner,
  ): Promise<readonly { actionId: string; user: LocalUser }[]>
  /** Inserts or replaces. */
  put(user: LocalUser): void
  /** Takes a user away for good. False when there is none. */
  remove(userId: string, owner?: Owner): boolean
  /** Every user of every tenant, ordered by id. */
  all(): readonly LocalUser[]
}

interface StoredUser {
  readonly user: LocalUser
  readonly createdBy?: string | undefined
  /** The change that was carried out last, and what the user was before. */
  readonly changedBy?: { readonly actionId: string; readonly from: UserStatus } | undefined
}

/** Users as a Map: for tests, trials and as the executable specification of the port. */
export function memoryUserDirectory(options: MemoryUserDirectoryOptions = {}): MemoryUserDirectory {
  const ids = options.ids ?? createUuidV7()
  const { users, made, index, save, read } = createTables()
  const create = (request: NewUser): CreatedUser => {
    const { actionId, tenantId } = request
    const known = read(request, made.get(tenantId, actionId))
    if (known) return { actionId, kind: 'created', user: copyOf(known) }
    const value = emailKey(request.email)
    if (value === undefined) throw new SyncError('USER_DIRECTORY_FAILED', `${request.email} is no address`)
    if (index.find(request, 'email', { value }).length > 0) return { actionId, kind: 'email_taken' }
    const user: LocalUser = {
      userId: ids(),
      email: request.email,
      status: 'unconfirmed',
      ...(tenantId !== defaultTenantId && { tenantId }),
    }
    return { actionId, kind: 'created', user: save({ user, createdBy: actionId }) }
  }

  for (const user of options.users ?? []) save({ user: copyOf(user) })
  return {
    async findByKeys({ strategy, keys, perKey, ...owner }) {
      return keys.flatMap((key, place) =>
        index
          .find(owner, strategy, key)
          .flatMap((userId) => read(owner, userId) ?? [])
          .toSorted(byUse)
          .slice(0, perKey)
          .map((user) => ({ key: place, user: copyOf(user) })),
      )
    },
    get: async (userIds, owner = ofDefault) =>
      [...new Set(userIds)].flatMap((userId) => read(owner, userId) ?? []).map(copyOf),
    create: async (requests) => requests.map(create),
    async createdBy(actionIds, owner = ofDefault) {
      return actionIds.flatMap((actionId) => {
        const user = read(owner, made.get(owner.tenantId, actionId))
        return user ? { actionId, user: copyOf(user) } : []
      })
    },
    changeStatus: async (changes) => changes.map((change) => changeStatus(users, save, change)),
    put: (user) => void save({ user: copyOf(user) }),
    remove(userId, { tenantId } = ofDefault) {
      const stored = users.get(tenantId, userId)
      if (stored) index.remove(stored.user)
      return users.delete(tenantId, userId)
    },
    all: () =>
      users
        .values()
        .map(({ user }) => copyOf(user))
        .toSorted(byId),
  }
}

/** Users, those that actions made, and the index of their keys. */
function createTables() {
  const users = tenantMap<StoredUser>()
  const made = tenantMap<string>()
  const index = createIndex()
  const save = (stored: StoredUser): LocalUser => {
    const { user, createdBy } = stored
    const tenantId = tenantOf(user)
    const before = users.get(tenantId, user.userId)
    if (before) index.remove(before.user)
    users.set(tenantId, user.userId, stored)
    index.add(user)
    if (createdBy !== undefined) made.set(tenantId, createdBy, user.userId)
    return copyOf(user)
  }
  const read = ({ tenantId }: Owner, userId: string | undefined): LocalUser | undefined =>
    userId === undefined ? undefined : users.get(tenantId, userId)?.user
  return { users, made, index, save, read }
}

const ofDefault: Owner = { tenantId: defaultTenantId }

const tenantOf = ({ tenantId = defaultTenantId }: LocalUser): string => tenantId

function changeStatus(
  users: TenantMap<StoredUser>,
  save: (stored: StoredUser) => LocalUser,
  { tenantId, actionId, userId, kind }: StatusChange,
): StatusChanged {
  const stored = users.get(tenantId, userId)
  if (!stored) return { actionId, kind: 'missing' }
  const { user, changedBy } = stored
  const isDeactivated = user.status === 'deactivated'
  if (isDeactivated === (kind === 'deactivate')) {
    const byThis = changedBy?.actionId === actionId
    const from = byThis ? changedBy.from : user.status
    return { actionId, kind: byThis ? 'changed' : 'same', from, to: user.status }
  }
  const before = changedBy?.from === 'unconfirmed' ? 'unconfirmed' : 'active'
  const to = kind === 'deactivate' ? 'deactivated' : before
  save({ ...stored, user: { ...user, status: to }, changedBy: { actionId, from: user.status } })
  return { actionId, kind: 'changed', from: user.status, to }
}

const byId = (left: LocalUser, right: LocalUser): number => compareCodePoints(left.userId, right.userId)

const byUse = (left: LocalUser, right: LocalUser): number =>
  Number(left.status === 'deactivated') - Number(right.status === 'deactivated') || byId(left, right)

/** User ids by tenant and the key of each strategy. */
function createIndex() {
  const byKey = new Map<string, Set<string>>()
  const nameOf = ({ tenantId }: Owner, strategy: MatchStrategy, { value, issuer }: UserKey): string =>
    JSON.stringify([tenantId, strategy, value, issuer])
  const keysOf = (user: LocalUser): readonly string[] =>
    matchStrategies.flatMap((strategy) => {
      const key = userKey(strategy, user)
      return key ? nameOf({ tenantId: tenantOf(user) }, strategy, key) : []
    })
  return {
    add(user: LocalUser): void {
      for (const key of keysOf(user)) byKey.set(key, (byKey.get(key) ?? new Set()).add(user.userId))
    },
    remove(user: LocalUser): void {
      for (const key of keysOf(user)) byKey.get(key)?.delete(user.userId)
    },
    find: (owner: Owner, strategy: MatchStrategy, key: UserKey): readonly string[] => [
      ...(byKey.get(nameOf(owner, strategy, key)) ?? []),
    ],
  }
}
