import { SyncError } from '../errors.ts'
import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { MatchWrite, NewAction } from '../ports/people-store.ts'
import type { PeopleContext } from '../post-sync/people-context.ts'
import { changeStatuses } from './change-statuses.ts'

/**
 * Takes one action of the connector's tenant back. Its own action is recorded first, then the directory is asked, then the outcome is recorded.
 * A user that was made is deactivated and its row skipped, so that nobody is made for it again.
 * @throws ACTION_NOT_FOUND, ACTION_NOT_UNDOABLE, USER_NOT_FOUND, MATCH_CHANGED
 */
export async function undoAction(
  context: PeopleContext,
  { action, by }: { readonly action: LifecycleAction; readonly by: string },
): Promise<LifecycleAction> {
  const { people, users, createId, tenantId } = context
  const { actionId, connectorId, resourceType, userId } = action
  if (action.tenantId !== tenantId) throw notOwnedAnyMore(action)
  const kind = inverseOf(action)
  const last = (await people.lastActions([userId ?? ''], { tenantId }))[0]
  if (last?.undoes === actionId) return last
  if (kind === undefined || action.status !== 'done' || last?.actionId !== actionId)
    throw notUndoable(action, last)
  const scope = { connectorId, resourceType }
  const undo: NewAction = {
    actionId: createId(),
    kind,
    status: 'intended',
    externalId: action.externalId,
    userId,
    connectorResourceId: action.connectorResourceId,
    staleSince: action.staleSince,
    by,
    reason: `Takes back: ${action.reason}`,
    before: action.after,
    after: action.before,
    undoes: actionId,
  }
  const matches = action.kind === 'create' ? await skippedRow(context, action, by) : []
  const { kind: answer } = await people.commit({
    scope,
    tenantId,
    matches,
    actions: [undo],
    settled: [],
    jobs: [],
  })
  if (answer === 'conflict') {
    throw new SyncError(
      'MATCH_CHANGED',
      `The match row of action ${actionId} was changed meanwhile; try again`,
    )
  }
  const settled = await changeStatuses(users, [undo])
  await people.commit({ scope, tenantId, matches: [], actions: [], settled, jobs: [] })
  const [outcome] = settled
  if (outcome?.status === 'failed') {
    throw new SyncError('USER_NOT_FOUND', `There is no user ${userId} any more`, { details: { actionId } })
  }
  return (await people.action(undo.actionId)) ?? action
}

export const actionNotFound = (actionId: string): SyncError =>
  new SyncError('ACTION_NOT_FOUND', `There is no action ${actionId}`, { details: { actionId } })

function inverseOf({ kind }: LifecycleAction): 'deactivate' | 'reactivate' | undefined {
  if (kind === 'deactivate') return 'reactivate'
  return kind === 'create' || kind === 'reactivate' ? 'deactivate' : undefined
}

const notOwnedAnyMore = ({ actionId, connectorId }: LifecycleAction): SyncError =>
  new SyncError(
    'ACTION_NOT_UNDOABLE',
    `Action ${actionId}: connector "${connectorId}" no longer belongs to its tenant. Change the user in the directory.`,
    { details: { actionId, connectorId } },
  )

function notUndoable(
  { actionId, kind, status }: LifecycleAction,
  last: LifecycleAction | undefined,
): SyncError {
  const isSuperseded = status === 'done' && last !== undefined && last.actionId !== actionId
  const why = isSuperseded
    ? 'something else was done to its user since; take that back first'
    : `only a creation, deactivation or reactivation that was done can be taken back, this is a ${kind} in status ${status}`
  return new SyncError('ACTION_NOT_UNDOABLE', `Action ${actionId}: ${why}`, { details: { actionId } })
}

async function skippedRow(
  { people }: PeopleContext,
  { connectorId, resourceType, externalId, userId }: LifecycleAction,
  by: string,
): Promise<readonly MatchWrite[]> {
  const [subject] = await people.subjectsOf({ connectorId, resourceType }, [externalId])
  const match = subject?.match
  if (!match || match.userId !== userId) return []
  const { connectorResourceId, externalDisplayName, externalEmail, version } = match
  return [
    {
      externalId,
      connectorResourceId,
      externalDisplayName,
      ...(externalEmail !== undefined && { externalEmail }),
      matchStatus: 'skipped',
      matchConfidence: 'none',
      evidence: [],
      resolutionNotes: 'The user made for it was taken back',
      resolvedBy: by,
      resolvedAt: 'now',
      version,
    },
  ]
}
