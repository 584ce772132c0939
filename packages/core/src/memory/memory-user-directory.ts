import { SyncError } from '../errors.ts'
import { userKey } from '../matching/match-keys.ts'
import { emailKey } from '../matching/match-text.ts'
import type { LocalUser, UserStatus } from '../model/local-user.ts'
import { type MatchStrategy, matchStrategies } from '../model/match.ts'
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

export interface MemoryUserDirectoryOptions {
  readonly users?: readonly LocalUser[] | undefined
  /** Makes user ids. @default UUID v7 */
  readonly ids?: (() => string) | undefined
}

/** A directory of users and what its host does with it. */
export interface MemoryUserDirectory extends UserDirectory {
  /** Inserts or replaces. */
  put(user: LocalUser): void
  /** Takes a user away for good. False when there is none. */
  remove(userId: string): boolean
  /** Every user, ordered by id. */
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
  const users = new Map<string, StoredUser>()
  const made = new Map<string, string>()
  const index = createIndex()
  const save = (stored: StoredUser): LocalUser => {
    const before = users.get(stored.user.userId)
    if (before) index.remove(before.user)
    users.set(stored.user.userId, stored)
    index.add(stored.user)
    if (stored.createdBy !== undefined) made.set(stored.createdBy, stored.user.userId)
    return copyOf(stored.user)
  }
  const read = (userId: string | undefined): LocalUser | undefined =>
    userId === undefined ? undefined : users.get(userId)?.user
  const create = (request: NewUser): CreatedUser => {
    const { actionId } = request
    const known = read(made.get(actionId))
    if (known) return { actionId, kind: 'created', user: copyOf(known) }
    const value = emailKey(request.email)
    if (value === undefined) throw new SyncError('USER_DIRECTORY_FAILED', `${request.email} is no address`)
    if (index.find('email', { value }).length > 0) return { actionId, kind: 'email_taken' }
    const user: LocalUser = { userId: ids(), email: request.email, status: 'unconfirmed' }
    return { actionId, kind: 'created', user: save({ user, createdBy: actionId }) }
  }

  for (const user of options.users ?? []) save({ user: copyOf(user) })
  return {
    async findByKeys({ strategy, keys, perKey }) {
      return keys.flatMap((key, place) =>
        index
          .find(strategy, key)
          .flatMap((userId) => read(userId) ?? [])
          .toSorted(byUse)
          .slice(0, perKey)
          .map((user) => ({ key: place, user: copyOf(user) })),
      )
    },
    get: async (userIds) => [...new Set(userIds)].flatMap((userId) => read(userId) ?? []).map(copyOf),
    create: async (requests) => requests.map(create),
    async createdBy(actionIds) {
      return actionIds.flatMap((actionId) => {
        const user = read(made.get(actionId))
        return user ? { actionId, user: copyOf(user) } : []
      })
    },
    changeStatus: async (changes) => changes.map((change) => changeStatus(users, save, change)),
    put: (user) => void save({ user: copyOf(user) }),
    remove(userId) {
      const stored = users.get(userId)
      if (stored) index.remove(stored.user)
      return users.delete(userId)
    },
    all: () => [...users.values()].map(({ user }) => copyOf(user)).toSorted(byId),
  }
}

function changeStatus(
  users: ReadonlyMap<string, StoredUser>,
  save: (stored: StoredUser) => LocalUser,
  { actionId, userId, kind }: StatusChange,
): StatusChanged {
  const stored = users.get(userId)
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

/** User ids by the key of each strategy. */
function createIndex() {
  const byKey = new Map<string, Set<string>>()
  const nameOf = (strategy: MatchStrategy, { value, issuer }: UserKey): string =>
    JSON.stringify([strategy, value, issuer])
  const keysOf = (user: LocalUser): readonly string[] =>
    matchStrategies.flatMap((strategy) => {
      const key = userKey(strategy, user)
      return key ? nameOf(strategy, key) : []
    })
  return {
    add(user: LocalUser): void {
      for (const key of keysOf(user)) byKey.set(key, (byKey.get(key) ?? new Set()).add(user.userId))
    },
    remove(user: LocalUser): void {
      for (const key of keysOf(user)) byKey.get(key)?.delete(user.userId)
    },
    find: (strategy: MatchStrategy, key: UserKey): readonly string[] => [
      ...(byKey.get(nameOf(strategy, key)) ?? []),
    ],
  }
}
