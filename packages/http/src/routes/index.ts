import { approveRun } from './approve-run.ts'
import { bulkResolveMatches } from './bulk-resolve-matches.ts'
import { cancelRun } from './cancel-run.ts'
import { clearCache } from './clear-cache.ts'
import { deleteSyncConfig } from './delete-sync-config.ts'
import { getRun } from './get-run.ts'
import { getSyncConfig } from './get-sync-config.ts'
import { getSyncStatus } from './get-sync-status.ts'
import { listMatches } from './list-matches.ts'
import { listQuarantine } from './list-quarantine.ts'
import { listResources } from './list-resources.ts'
import { listRuns } from './list-runs.ts'
import { listSyncConfigs } from './list-sync-configs.ts'
import { matchStats } from './match-stats.ts'
import { putSyncConfig } from './put-sync-config.ts'
import { receiveWebhook } from './receive-webhook.ts'
import { resolveMatch } from './resolve-match.ts'
import { streamRunEvents } from './stream-run-events.ts'
import { triggerSync } from './trigger-sync.ts'
import { unlinkMatch } from './unlink-match.ts'

/** Every route of the API, by name. There is no other. */
export const routes = {
  listResources,
  listSyncConfigs,
  getSyncConfig,
  putSyncConfig,
  deleteSyncConfig,
  getSyncStatus,
  triggerSync,
  listRuns,
  getRun,
  approveRun,
  cancelRun,
  streamRunEvents,
  listMatches,
  matchStats,
  resolveMatch,
  unlinkMatch,
  bulkResolveMatches,
  listQuarantine,
  clearCache,
  receiveWebhook,
} as const

/** The name of a route. */
export type RouteName = keyof typeof routes
