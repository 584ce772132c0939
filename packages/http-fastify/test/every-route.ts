import { memoryUserDirectory } from '@syncline/core/memory'
import { type RouteName, routes } from '@syncline/http'
import { type ServedApi, type ServeOptions, serveApi } from './serve-api.ts'

/** A request that a route takes, and what it answers to somebody who may. */
export interface Sample {
  readonly query?: string | undefined
  readonly body?: unknown
  readonly status: number
  readonly code?: string | undefined
}

/** For each route. Answers stay the same however often they are asked for, after `restore`. */
export const samples: Readonly<Record<RouteName, Sample>> = {
  listResources: { query: 'type=user&page=1&pageSize=20&search=person&stale=false', status: 200 },
  listSyncConfigs: { status: 200 },
  getSyncConfig: { status: 200 },
  putSyncConfig: { body: { pageSize: 42 }, status: 200 },
  deleteSyncConfig: { status: 204 },
  getSyncStatus: { status: 200 },
  triggerSync: { body: {}, status: 200 },
  listRuns: { query: 'type=user', status: 200 },
  getRun: { status: 200 },
  approveRun: { status: 409, code: 'RUN_NOT_GUARDED' },
  cancelRun: { status: 409, code: 'RUN_ENDED' },
  streamRunEvents: { status: 200 },
  listMatches: { query: 'type=user&status=unmatched', status: 200 },
  matchStats: { query: 'type=user', status: 200 },
  resolveMatch: { body: { action: 'skip', notes: 'Verified' }, status: 200 },
  unlinkMatch: { status: 200 },
  bulkResolveMatches: { body: { matchIds: [], action: 'skip' }, status: 200 },
  listQuarantine: { query: 'type=user', status: 200 },
  clearCache: { status: 200 },
  // Nobody has signed it.
  receiveWebhook: { body: { action: 'deleted', resourceId: '1' }, status: 401, code: 'WEBHOOK_UNVERIFIED' },
}

/** What stands in paths, by connector. */
interface Fixture {
  readonly runId: string
  readonly matchId: string
}

const nothing = '0198b0d0-0000-7000-8000-000000000000'

export interface EveryRoute extends ServedApi {
  /** Of a connector that does not exist: ids that nobody has. */
  fixtureOf(connectorId: string): Fixture
  /** Below the base path. */
  pathOf(name: RouteName, connectorId: string): string
  bodyOf(name: RouteName, connectorId: string): unknown
  /** Brings back what a sample has removed or changed. */
  restore(): Promise<void>
  /** Everything that a request could change. */
  state(): Promise<string>
}

/** A server over connectors `acme` and `other`, each with users, matches and an ended run. */
export async function serveEveryRoute(options: ServeOptions = {}): Promise<EveryRoute> {
  const api = await serveApi({
    ...options,
    syncline: { users: memoryUserDirectory(), automaticPostSync: false, ...options.syncline },
    plugin: { rateLimit: false, ...options.plugin },
  })
  const { syncline } = api
  const fixtures = new Map<string, Fixture>()
  const restore = async (): Promise<void> => {
    for (const connectorId of ['acme', 'other']) {
      await syncline.configs.save({ connectorId, resourceType: 'user', pageSize: 42 })
    }
  }
  await restore()
  for (const connectorId of ['acme', 'other']) {
    const { runId } = await syncline.sync({ connectorId, resourceType: 'user' })
    await syncline.postSync.run({ connectorId, resourceType: 'user' })
    const { data } = await syncline.matches.list({ connectorId, resourceType: 'user' })
    fixtures.set(connectorId, { runId, matchId: data[0]?.matchId ?? '' })
  }
  const fixtureOf = (connectorId: string): Fixture =>
    fixtures.get(connectorId) ?? { runId: nothing, matchId: nothing }
  return {
    ...api,
    fixtureOf,
    restore,
    pathOf(name, connectorId) {
      const values: Record<string, string> = {
        connectorId,
        resourceType: 'user',
        ...fixtureOf(connectorId),
      }
      const path = routes[name].path.replaceAll(/:(\w+)/g, (_, parameter: string) => values[parameter] ?? '')
      const { query } = samples[name]
      return query ? `${path}?${query}` : path
    },
    bodyOf: (name, connectorId) =>
      name === 'bulkResolveMatches'
        ? { action: 'skip', matchIds: [fixtureOf(connectorId).matchId] }
        : samples[name].body,
    async state() {
      const parts = await Promise.all(
        ['acme', 'other'].flatMap((connectorId) => [
          syncline.configs.list({ connectorId }),
          syncline.runs.list({ connectorId, limit: 10_000 }),
          syncline.resources.list({ connectorId, pageSize: 1_000 }),
          syncline.matches.list({ connectorId, resourceType: 'user', pageSize: 1_000 }),
          syncline.connectors.get(connectorId),
        ]),
      )
      return JSON.stringify(parts)
    },
  }
}

export const routeNames = Object.keys(routes) as RouteName[]
