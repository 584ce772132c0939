import type { SyncEvent } from '../model/event.ts'
import type { LocalUser } from '../model/local-user.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { PeopleStore } from '../ports/people-store.ts'
import type { ProfileStore } from '../ports/profile-store.ts'
import type { Store } from '../ports/store.ts'
import type { UserDirectory } from '../ports/user-directory.ts'
import type { WorkflowTrigger } from '../ports/workflow-trigger.ts'

/** What post-sync works with; made once by `createSyncline`. */
export interface PeopleContext {
  readonly store: Store
  readonly people: PeopleStore
  readonly users: UserDirectory
  /** Absent: attributes are not mapped. */
  readonly profiles: ProfileStore | undefined
  readonly workflows: WorkflowTrigger | undefined
  /** Users who are never deactivated: break-glass accounts. */
  readonly isExempt: (user: LocalUser) => boolean
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
