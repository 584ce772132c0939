import { postgresStore } from '@syncline/adapter-postgres'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { emptyServerDatabase, serverIsAvailable } from '../../../test-support/server-database.ts'
import { begin, finish, saveConnector, staff } from './listing.ts'

describe.skipIf(!serverIsAvailable())('a scope whose holder hangs', () => {
  test('holds up no other scope of its tenant', async () => {
    const database = await emptyServerDatabase({ migrated: true })
    const pool = new pg.Pool({ connectionString: database.url, max: 4 })
    const store = postgresStore({ pool })
    await saveConnector(store)
    await finish(store, await begin(store))
    const hung = new pg.Client({ connectionString: database.url })
    await hung.connect()
    await hung.query('begin')
    await hung.query('select from syncline.sync_scope for update')
    const waiting = begin(store)
    const isWaiting = async (): Promise<boolean> => {
      const { rowCount } = await database.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rowCount === 1
    }
    while (!(await isWaiting()));
    const free = await begin(store, {}, { ...staff, resourceType: 'group', tenantId: 'tenant' })
    expect(free.status).toBe('running')
    expect(await isWaiting()).toBe(true)
    await hung.query('rollback')
    expect((await waiting).status).toBe('running')
    await hung.end()
    await pool.end()
    await database.drop()
  })
})
