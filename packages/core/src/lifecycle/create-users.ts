import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { UserDirectory } from '../ports/user-directory.ts'
import { type CreateOutcome, userIn } from './settle-creates.ts'

/** Has the directory make the users of these actions, in their order. */
export async function createUsers(
  users: UserDirectory,
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
