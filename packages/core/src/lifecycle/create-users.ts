import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { TenantUsers } from '../post-sync/tenant-ports.ts'
import { userIn } from './create-action.ts'
import type { CreateOutcome } from './settle-creates.ts'

/** Has the directory make the users of these actions, in their order. */
export async function createUsers(
  users: TenantUsers,
  actions: readonly LifecycleAction[],
): Promise<readonly CreateOutcome[]> {
  const made = await users.create(
    actions.map((action) => {
      const { actionId, connectorId, resourceType, externalId } = action
      return { actionId, connectorId, resourceType, externalId, ...userIn(action) }
    }),
  )
  const byAction = new Map(made.map((outcome) => [outcome.actionId, outcome]))
  return actions.map((action) => {
    const outcome = byAction.get(action.actionId)
    return outcome?.kind === 'created'
      ? { action, user: outcome.user, emailTaken: false }
      : { action, emailTaken: true }
  })
}
