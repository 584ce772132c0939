import { SyncError } from '../errors.ts'
import type { Match } from '../model/match.ts'
import type { PeopleContext } from '../post-sync/people-context.ts'
import { matchChanged, maxAttempts } from './match-row.ts'
import { isResolvedSo, type Resolution, requireUser, resolvedRow } from './resolve-match.ts'

const mostRows = 10_000

/**
 * One decision about many rows of a connector, one transaction for each resource type. Rows of other connectors, rows
 * that are not there and rows in `create_pending` are left alone.
 * @returns how many rows are as the decision wants them
 * @throws RESOLUTION_INVALID, USER_NOT_FOUND, MATCH_CHANGED
 */
export async function bulkResolve(
  context: PeopleContext,
  request: Resolution & { readonly connectorId: string; readonly matchIds: readonly string[] },
): Promise<number> {
  const ids = [...new Set(request.matchIds)]
  if (ids.length === 0 || ids.length > mostRows) {
    throw new SyncError('RESOLUTION_INVALID', `matchIds: 1 to ${mostRows} ids, not ${ids.length}`)
  }
  if (request.action === 'link') await requireUser(context.users, request.userId ?? '')
  const { connectorId } = request
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const rows = await context.people.matchesOf({ connectorId, matchIds: ids })
    const open = rows.filter(({ matchStatus }) => matchStatus !== 'create_pending')
    const types = Map.groupBy(
      open.filter((match) => !isResolvedSo(match, request)),
      ({ resourceType }) => resourceType,
    )
    let isDone = true
    for (const [resourceType, matches] of types) {
      isDone &&= await resolveRows(context, { connectorId, resourceType }, { matches, resolution: request })
    }
    if (isDone) return open.length
  }
  throw matchChanged(ids[0] ?? '', 'or another of the rows was changed by others again and again')
}

async function resolveRows(
  context: PeopleContext,
  scope: { readonly connectorId: string; readonly resourceType: string },
  { matches, resolution }: { readonly matches: readonly Match[]; readonly resolution: Resolution },
): Promise<boolean> {
  const changes = matches.map((match) => resolvedRow(context, match, resolution))
  const { kind } = await context.people.commit({
    scope,
    tenantId: context.tenantId,
    matches: changes.map(({ write }) => write),
    actions: changes.map(({ action }) => action),
    settled: [],
    jobs: [],
  })
  return kind === 'committed'
}
