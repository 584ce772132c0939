import type { Scope, SyncStatus } from '@syncline/core'
import { printable } from './printable.ts'

/** Lines about a latest post-sync that failed or waits for an operator; none about others. */
export function postSyncNotice({
  connectorId,
  resourceType,
  postSync,
}: Scope & Pick<SyncStatus, 'postSync'>): readonly string[] {
  if (!postSync) return []
  const { status, error, retryAt, linksLost, awaitsOperator } = postSync
  const named = `${connectorId} ${resourceType}`
  return [
    ...(status === 'error' || status === 'guarded'
      ? [`${named}  post-sync ${status}  ${error?.code ?? ''}: ${printable(error?.message ?? '')}`]
      : []),
    ...(retryAt ? [`  next attempt:              ${retryAt.toISOString()}`] : []),
    ...(awaitsOperator.includes('approve_deactivations')
      ? [
          `  look who it is:            syncline plan ${named} --out plan.json`,
          '  deactivate exactly these:  syncline apply plan.json --approved-by YOUR_NAME',
        ]
      : []),
    ...(awaitsOperator.includes('resolve_links')
      ? [
          `${named}  resources that lost the link to their user: ${linksLost}`,
          `  list them:                 syncline matches ${named} --status unmatched`,
        ]
      : []),
  ]
}
