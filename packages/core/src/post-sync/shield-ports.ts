import { type ErrorCode, isSyncError, SyncError } from '../errors.ts'
import type { ProfileStore } from '../ports/profile-store.ts'
import type { UserDirectory } from '../ports/user-directory.ts'

/**
 * The host's directory, its failures made errors of ours. An answer that leaves out what was asked for is a failure
 * too: it is never taken for "there is none".
 */
export function shieldDirectory(users: UserDirectory): UserDirectory {
  const call = <Answer>(doing: string, carryOut: () => Promise<Answer>): Promise<Answer> =>
    guarded('USER_DIRECTORY_FAILED', `The user directory could not ${doing}`, carryOut)
  const requireAll = (doing: string, asked: readonly Identified[], answered: readonly Identified[]): void => {
    const ids = new Set(answered.map(({ actionId }) => actionId))
    const missing = asked.find(({ actionId }) => !ids.has(actionId))
    if (missing) {
      throw new SyncError(
        'USER_DIRECTORY_FAILED',
        `The user directory was to ${doing} and did not say what came of action ${missing.actionId}`,
      )
    }
  }
  return {
    findByKeys: (lookup) => call('look users up', () => users.findByKeys(lookup)),
    get: (userIds, owner) => call('read users', () => users.get(userIds, owner)),
    async create(requests) {
      const made = await call('create users', () => users.create(requests))
      requireAll('create users', requests, made)
      return made
    },
    createdBy: (actionIds, owner) => call('report whom it created', () => users.createdBy(actionIds, owner)),
    async changeStatus(changes) {
      const changed = await call('change users', () => users.changeStatus(changes))
      requireAll('change users', changes, changed)
      return changed
    },
  }
}

interface Identified {
  readonly actionId: string
}

/** The host's profiles, their failures made errors of ours. A profile that is not answered is a failure. */
export function shieldProfiles(profiles: ProfileStore): ProfileStore {
  const call = <Answer>(doing: string, carryOut: () => Promise<Answer>): Promise<Answer> =>
    guarded('PROFILE_STORE_FAILED', `The profile store could not ${doing}`, carryOut)
  return {
    async read(userIds, owner) {
      const read = await call('read profiles', () => profiles.read(userIds, owner))
      const ids = new Set(read.map(({ userId }) => userId))
      const missing = userIds.find((userId) => !ids.has(userId))
      if (missing === undefined) return read
      throw new SyncError('PROFILE_STORE_FAILED', `The profile store answered no profile for user ${missing}`)
    },
    write: (writes) => call('write profiles', () => profiles.write(writes)),
  }
}

async function guarded<Answer>(
  code: ErrorCode,
  what: string,
  carryOut: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await carryOut()
  } catch (cause) {
    if (isSyncError(cause)) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError(code, `${what}: ${why}`, { cause })
  }
}
