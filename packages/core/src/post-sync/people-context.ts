import type { SyncEvent } from '../model/event.ts'
import type { LocalUser } from '../model/local-user.ts'
import type { Owner } from '../model/owner.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { PeopleStore } from '../ports/people-store.ts'
import type { ProfileStore } from '../ports/profile-store.ts'
import type { Store } from '../ports/store.ts'
import type { UserDirectory } from '../ports/user-directory.ts'
import type { WorkflowTrigger } from '../ports/workflow-trigger.ts'
import type { TenantProfiles, TenantUsers } from './tenant-ports.ts'

/** What post-sync works with, for all tenants; made once by `createSyncline`. */
export interface PeopleHost {
  readonly store: Store
  readonly people: PeopleStore
  readonly users: UserDirectory
  /** Absent: attributes are not mapped. */
  readonly profiles: ProfileStore | undefined
  readonly workflows: WorkflowTrigger | undefined
  /** Users who are never deactivated: break-glass accounts. */
  readonly isExempt: (user: LocalUser & Owner) => boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly emit: (event: SyncEvent) => void
  /** Makes ids of runs, plans and actions: UUIDs. */
  readonly createId: () => string
  /** Subjects that are looked at together, actions that are carried out together. */
  readonly batchSize: number
  readonly leaseMs: number
  readonly stopping: AbortSignal
}

/** What the work on one connector uses: users and profiles of the connector's tenant only. See `bindTenant`. */
export interface PeopleContext extends Omit<PeopleHost, 'users' | 'profiles' | 'isExempt'>, Owner {
  readonly isExempt: (user: LocalUser) => boolean
  readonly users: TenantUsers
  readonly profiles: TenantProfiles | undefined
}
