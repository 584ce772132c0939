import type { LocalUser } from '../model/local-user.ts'
import type { Owner } from '../model/owner.ts'
import type { Profile } from '../model/profile.ts'
import type { ProfileWrite } from '../ports/profile-store.ts'
import type {
  CreatedUser,
  KeyHit,
  KeyLookup,
  NewUser,
  StatusChange,
  StatusChanged,
} from '../ports/user-directory.ts'

/** `UserDirectory`, bound to one tenant. */
export interface TenantUsers {
  findByKeys(lookup: Omit<KeyLookup, keyof Owner>): Promise<readonly KeyHit[]>
  get(userIds: readonly string[]): Promise<readonly LocalUser[]>
  create(users: readonly Omit<NewUser, keyof Owner>[]): Promise<readonly CreatedUser[]>
  createdBy(actionIds: readonly string[]): Promise<readonly { actionId: string; user: LocalUser }[]>
  changeStatus(changes: readonly Omit<StatusChange, keyof Owner>[]): Promise<readonly StatusChanged[]>
}

/** `ProfileStore`, bound to one tenant. */
export interface TenantProfiles {
  read(userIds: readonly string[]): Promise<readonly Profile[]>
  write(writes: readonly Omit<ProfileWrite, keyof Owner>[]): Promise<readonly string[]>
}
