import { type ErrorCode, SyncError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { ProfileStore } from '../ports/profile-store.ts'
import type { UserDirectory } from '../ports/user-directory.ts'
import type { WorkflowTrigger } from '../ports/workflow-trigger.ts'

/** How long one call of a host's port may take. */
export interface CallDeadline {
  readonly clock: Clock
  readonly ms: number
}

type Call<Args extends readonly unknown[], Result> = (...args: Args) => Promise<Result>
type Bind = <Args extends readonly unknown[], Result>(
  method: string,
  call: Call<Args, Result>,
) => Call<Args, Result>

/** Gives up a call that is late. The call itself continues unobserved: its changes carry an id, so a repeat is safe. */
const bindTo =
  ({ clock, ms }: CallDeadline, code: ErrorCode): Bind =>
  (method, call) =>
  async (...args) => {
    const late = Promise.withResolvers<never>()
    const disarm = clock.after(ms, () =>
      late.reject(
        new SyncError(
          code,
          `${method} did not return within ${ms} ms. Make it faster, or raise limits.portCallMs`,
          {
            details: { method, ms },
          },
        ),
      ),
    )
    try {
      return await Promise.race([call(...args), late.promise])
    } finally {
      disarm()
    }
  }

/** The user directory with a deadline for each call. @throws USER_DIRECTORY_FAILED */
export function boundDirectory(users: UserDirectory, deadline: CallDeadline): UserDirectory {
  const bind = bindTo(deadline, 'USER_DIRECTORY_FAILED')
  return {
    findByKeys: bind('UserDirectory.findByKeys', (...args) => users.findByKeys(...args)),
    get: bind('UserDirectory.get', (...args) => users.get(...args)),
    create: bind('UserDirectory.create', (...args) => users.create(...args)),
    createdBy: bind('UserDirectory.createdBy', (...args) => users.createdBy(...args)),
    changeStatus: bind('UserDirectory.changeStatus', (...args) => users.changeStatus(...args)),
  }
}

/** The profile store with a deadline for each call. @throws PROFILE_STORE_FAILED */
export function boundProfiles(profiles: ProfileStore, deadline: CallDeadline): ProfileStore {
  const bind = bindTo(deadline, 'PROFILE_STORE_FAILED')
  return {
    read: bind('ProfileStore.read', (...args) => profiles.read(...args)),
    write: bind('ProfileStore.write', (...args) => profiles.write(...args)),
  }
}

/** The workflow trigger with a deadline for each call; a job that is late is offered again. */
export function boundWorkflows(workflows: WorkflowTrigger, deadline: CallDeadline): WorkflowTrigger {
  const bind = bindTo(deadline, 'INTERNAL')
  return { trigger: bind('WorkflowTrigger.trigger', (...args) => workflows.trigger(...args)) }
}
