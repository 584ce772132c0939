import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { migrate, openEmbeddedStore, postgresStore } from '@syncline/adapter-postgres'
import { CamelCasePlugin, Kysely, PGliteDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migratedPglite } from '../../../test-support/pglite-database.ts'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { fullPass, record, saveConnector, staff } from './listing.ts'

describe('what the host passed in', () => {
  let pglite: PGlite
  beforeAll(async () => {
    pglite = await migratedPglite()
  })
  afterAll(() => pglite.close())

  test('a PGlite stays open when the store closes', async () => {
    const store = postgresStore({ pglite })
    await saveConnector(store)
    await store.close()
    expect(pglite.closed).toBe(false)
    expect(await postgresStore({ pglite }).connectors.list({})).toHaveLength(1)
  })

  test('a Kysely instance works with any plugins and in its own types', async () => {
    interface HostTables {
      invoice: { id: number }
    }
    const db = new Kysely<HostTables>({
      dialect: new PGliteDialect({ pglite }),
      plugins: [new CamelCasePlugin()],
    })
    await migrate({ db, schema: 'by_kysely' })
    const store = postgresStore({ db, schema: 'by_kysely' })
    await saveConnector(store)
    const run = await fullPass(store, [record('1')])
    expect(run.stats.added).toBe(1)
  })
})

describe('an embedded store', () => {
  test('brings its schema itself and finds its data when it is opened again', async () => {
    const dataDir = join(mkdtempSync(join(tmpdir(), 'syncline-embedded-')), 'deep', 'data')
    const first = await openEmbeddedStore({ dataDir })
    await saveConnector(first)
    await first.close()
    await first.close()
    await expect(first.connectors.list({})).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    const second = await openEmbeddedStore({ dataDir })
    expect(await second.connectors.list({})).toHaveLength(1)
    await second.close()
    rmSync(join(dataDir, '../..'), { recursive: true })
  })
})

describe.skipIf(!serverIsAvailable())('a pool of the host', () => {
  let database: Database
  let pool: pg.Pool
  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    pool = new pg.Pool({ connectionString: database.url })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  test('stays open when the store closes, and keeps no listeners of the store', async () => {
    const before = pool.listenerCount('error')
    for (let times = 0; times < 20; times += 1) {
      const store = postgresStore({ pool })
      await store.connectors.list({})
      await store.close()
    }
    expect(pool.ended).toBe(false)
    expect(pool.listenerCount('error')).toBe(before)
    const client = await pool.connect()
    // The pool's own and at most one of ours.
    expect(client.listenerCount('error')).toBeLessThanOrEqual(2)
    client.release()
  })

  test('carries one listener for all of its stores, until the last of them closes', async () => {
    const before = pool.listenerCount('error')
    const stores = Array.from({ length: 12 }, () => postgresStore({ pool }))
    expect(pool.listenerCount('error')).toBe(before + 1)
    const [first, ...others] = stores
    await first?.close()
    await first?.close()
    for (const store of others.slice(1)) await store.close()
    expect(pool.listenerCount('error')).toBe(before + 1)
    expect(await others[0]?.connectors.list({})).toEqual([])
    await others[0]?.close()
    expect(pool.listenerCount('error')).toBe(before)
  })

  test('may read bigints, timestamps and JSON its own way', async () => {
    const own = new Set([20, 114, 1082, 1114, 1184, 1700, 3802])
    const types = {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        own.has(oid) ? () => 'read by the host' : pg.types.getTypeParser(oid, format),
    }
    const strange = new pg.Pool({ connectionString: database.url, types })
    const [expected, found] = [postgresStore({ pool }), postgresStore({ pool: strange })]
    await saveConnector(expected)
    const run = await fullPass(expected, [record('1')])
    const changes = { scope: staff, after: 0, limit: 9 }
    expect(await found.resources.find({ ...staff, limit: 9 })).toEqual(
      await expected.resources.find({ ...staff, limit: 9 }),
    )
    expect(await found.runs.get(run.runId)).toEqual(run)
    expect(await found.changes.read(changes)).toEqual(await expected.changes.read(changes))
    expect(await found.connectors.list({})).toEqual(await expected.connectors.list({}))
    expect((await fullPass(found, [record('1')])).stats.unchanged).toBe(1)
    await strange.end()
  })
})
