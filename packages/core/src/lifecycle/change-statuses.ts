import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { SettledAction } from '../ports/people-store.ts'
import type { StatusChanged } from '../ports/user-directory.ts'
import type { TenantUsers } from '../post-sync/tenant-ports.ts'

type StatusAction = Pick<LifecycleAction, 'actionId' | 'userId' | 'kind' | 'before'>

/** Has the directory deactivate or bring back the users of these actions, and says how each is to be settled. */
export async function changeStatuses(
  users: TenantUsers,
  actions: readonly StatusAction[],
): Promise<readonly SettledAction[]> {
  const changes = actions.flatMap(({ actionId, userId, kind }) =>
    userId !== undefined && (kind === 'deactivate' || kind === 'reactivate')
      ? { actionId, userId, kind }
      : [],
  )
  const before = new Map(actions.map((action) => [action.actionId, action.before]))
  return (await users.changeStatus(changes)).map((outcome) =>
    settlingOf(outcome, before.get(outcome.actionId)),
  )
}

function settlingOf(
  { actionId, kind, from, to }: StatusChanged,
  before: LifecycleAction['before'] | undefined,
): SettledAction {
  if (kind === 'missing') {
    return {
      actionId,
      status: 'failed',
      problem: { code: 'USER_NOT_FOUND', message: 'There is no such user' },
    }
  }
  // Somebody else was faster: it is not ours to take back.
  if (kind === 'same') return { actionId, status: 'abandoned' }
  return {
    actionId,
    status: 'done',
    ...(from && { before: { ...before, status: from } }),
    ...(to && { after: { status: to } }),
  }
}
