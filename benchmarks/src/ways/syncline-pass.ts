import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type JsonObject, type Run, type Store, type Syncline } from '@syncline/core'
import type { OpenWork } from '../processes/work.ts'
import { people, preparedConnector } from '../upstream/prepared-connector.ts'
import {
  heldRecords,
  type ReadRecords,
  type UpstreamState,
  type UpstreamStep,
} from '../upstream/upstream-state.ts'
import { pageSize, passInput } from './pass-input.ts'

/** A full sync by the library, from pages in memory to committed rows. */
export const open: OpenWork = async (input) => {
  const { url, warmUpUrl, warmUpRecords, state } = passInput.parse(input)
  const store = await openPostgresStore({ connectionString: url, migrate: true })
  const syncline = await prepare(store, () => state, heldRecords(state, pageSize))
  let ended: Run | undefined
  return {
    warmUp: () => warmUp(warmUpUrl, warmUpRecords),
    async run() {
      ended = await syncline.sync(people)
    },
    facts: async () => ({ ...factsOf(ended), changes: await lastPosition(syncline) }),
    close: () => store.close(),
  }
}

/** A Syncline whose only connector lists this upstream. */
export async function prepare(
  store: Store,
  state: () => UpstreamState,
  read?: ReadRecords,
): Promise<Syncline> {
  const syncline = createSyncline({ store, connectorTypes: [preparedConnector(state, read)] })
  await syncline.connectors.save({ connectorId: people.connectorId, type: 'prepared' })
  await syncline.configs.save({ ...people, pageSize })
  return syncline
}

/** A first load, an unchanged and a changed pass. */
export async function warmUp(url: string, records: number): Promise<void> {
  const store = await openPostgresStore({ connectionString: url, migrate: true })
  let steps: UpstreamStep[] = []
  const syncline = await prepare(store, () => ({ records, steps }))
  await syncline.sync(people)
  await syncline.sync(people)
  steps = ['tenth-changed']
  requireSuccess(await syncline.sync(people))
  await syncline.connectors.remove(people.connectorId)
  await store.close()
}

export function requireSuccess(run: Run): Run {
  if (run.status === 'success') return run
  throw new Error(`The sync ended ${run.status}: ${JSON.stringify(run.error ?? run.guard)}`)
}

/** Everything a run says that does not depend on the clock. */
export function factsOf(run: Run | undefined): JsonObject {
  if (run === undefined) return {}
  const { status, complete, stats } = run
  const timeless = Object.entries(stats).filter(([name]) => name !== 'durationMs')
  return { status, complete, counts: Object.fromEntries(timeless) }
}

/** How many changes the scope ever logged: positions are gapless, so the last one says it. */
export async function lastPosition(syncline: Syncline): Promise<number> {
  const exists = async (position: number): Promise<boolean> =>
    (await syncline.changes.read({ ...people, after: position - 1, limit: 1 })).length === 1
  let known = 0
  let missing = 1
  while (await exists(missing)) {
    known = missing
    missing *= 2
  }
  while (missing - known > 1) {
    const middle = Math.floor((known + missing) / 2)
    if (await exists(middle)) known = middle
    else missing = middle
  }
  return known
}
