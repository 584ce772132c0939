import type { Owner } from '../model/owner.ts'
import type { FieldChange, Profile } from '../model/profile.ts'

export interface ProfileWrite extends Owner {
  readonly userId: string
  /** The version the changes were decided on. */
  readonly version: string
  /** At least one; distinct by field. */
  readonly changes: readonly FieldChange[]
}

/**
 * The host's profiles. Sets in, sets out; a method that throws has failed. A profile belongs to the user of one tenant:
 * equal user ids of two tenants are two users.
 */
export interface ProfileStore {
  /** One profile for each user, in any order; an empty one where nothing was ever written. */
  read(userIds: readonly string[], owner: Owner): Promise<readonly Profile[]>
  /**
   * Writes the fields of each user and their sources, all of a user's or none. A user whose profile has another
   * version by now is left alone, and so is one whom the store knows not to exist.
   * @returns ids of the users that were written
   */
  write(writes: readonly ProfileWrite[]): Promise<readonly string[]>
}
