import { openPostgresStore } from '@syncline/adapter-postgres'
import { type Store, SyncError } from '@syncline/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { emptyTables } from './empty-tables.ts'
import {
  begin,
  checkpoint,
  commit,
  leaseOf,
  record,
  records,
  saveConnector,
  staff,
  zeroStats,
  zeroTimings,
} from './listing.ts'

describe.skipIf(!serverIsAvailable())('several processes on one database', () => {
  let database: Database
  let stores: Store[]

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    const open = () => openPostgresStore({ connectionString: database.url, maxConnections: 2 })
    stores = await Promise.all([open(), open(), open(), open()])
  })
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()))
    await database.drop()
  })
  beforeEach(async () => {
    await database.query(emptyTables)
    await Promise.all(stores.map((store) => saveConnector(store)))
  })
  const any = (index: number): Store => {
    const store = stores[index % stores.length]
    if (!store) throw new Error('no store')
    return store
  }

  test('exactly one of eight contenders begins a run, in every round', async () => {
    for (let round = 0; round < 20; round += 1) {
      const contenders = Array.from({ length: 8 }, (_, index) =>
        any(index).runs.begin({ ...staff, tenantId: 'tenant' }, (state) =>
          state.running
            ? { kind: 'refuse', error: new SyncError('SYNC_ALREADY_RUNNING', 'busy') }
            : {
                kind: 'start',
                abandonRunning: false,
                run: {
                  runId: `contender-${round}-${index}`,
                  mode: 'full',
                  generation: state.generation + 1,
                  leaseMs: 60_000,
                  checkpoint: checkpoint(0),
                  stats: zeroStats,
                  timings: zeroTimings,
                  complete: false,
                  hashRecipe: 'recipe',
                  forgetSeenBefore: state.generation + 1,
                },
              },
        ),
      )
      const results = await Promise.all(contenders)
      expect(results.filter(({ kind }) => kind === 'started')).toHaveLength(1)
      await database.query(`update syncline.sync_run set status = 'error'`)
    }
  })

  test('pages, webhooks and removals of the same records never deadlock, and the log has no gap', async () => {
    const run = await begin(any(0))
    const ids = records(60)
    const pages = async () => {
      for (let number = 1; number <= 10; number += 1) {
        const page = ids.map(({ externalId }) => record(externalId, `page ${number}`))
        await commit(any(0), run, { number, records: number % 2 ? page : page.toReversed() })
      }
    }
    const webhooks = async (index: number) => {
      for (const { externalId } of index % 2 ? ids : ids.toReversed()) {
        await any(index).resources.upsertOne({ scope: staff, record: record(externalId, `webhook ${index}`) })
        if (index === 3) await any(index).resources.removeOne({ ...staff, externalId })
      }
    }
    await Promise.all([pages(), webhooks(1), webhooks(2), webhooks(3)])
    const changes = await any(0).changes.read({ scope: staff, after: 0, limit: 100_000 })
    expect(changes.map(({ position }) => position)).toEqual(changes.map((_, index) => index + 1))
    const alive = new Set<string>()
    for (const { externalId, kind } of changes) {
      expect(alive.has(externalId), `${kind} of ${externalId}`).toBe(kind !== 'created')
      if (kind === 'removed') alive.delete(externalId)
      else alive.add(externalId)
    }
    expect(await any(1).resources.count(staff)).toBe(alive.size)
  })

  test('a zombie that wakes up after its lease was taken over writes nothing', async () => {
    const zombie = await begin(any(0))
    const successor = await begin(any(1), { generation: zombie.generation, resumedFrom: zombie.runId })
    const calls = [
      commit(any(0), zombie, { number: 1, records: records(1) }),
      any(0).resources.markStale({
        lease: leaseOf(zombie),
        generation: zombie.generation,
        limit: 10,
        checkpoint: checkpoint(1),
      }),
      any(0).resources.closeListing({ lease: leaseOf(zombie), generation: zombie.generation, full: true }),
      any(0).resources.purgeStale({ lease: leaseOf(zombie), retentionMs: 0, limit: 10 }),
    ]
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'LEASE_LOST' } })
    }
    expect(await any(0).runs.renew(leaseOf(zombie))).toEqual({ held: false, cancelRequested: false })
    expect(await any(1).runs.renew(leaseOf(successor))).toEqual({ held: true, cancelRequested: false })
  })

  test('a connector may be removed while it is written to', async () => {
    for (let round = 0; round < 5; round += 1) {
      await saveConnector(any(0))
      const run = await begin(any(0))
      const [committed, removed] = await Promise.allSettled([
        commit(any(1), run, { number: 1, records: records(50) }),
        any(2).connectors.remove(staff.connectorId),
      ])
      expect(removed).toEqual({ status: 'fulfilled', value: true })
      const refusal = committed.status === 'rejected' ? committed.reason : { code: 'LEASE_LOST' }
      expect(refusal, 'whoever comes second is told').toMatchObject({ code: 'LEASE_LOST' })
      const { rows } = await database.query('select count(*)::int as rows from syncline.resource_row')
      expect(rows).toEqual([{ rows: 0 }])
    }
  })
})
