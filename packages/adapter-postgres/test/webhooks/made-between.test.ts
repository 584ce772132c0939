import { postgresStore } from '@syncline/adapter-postgres'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { emptyServerDatabase, serverIsAvailable } from '../../../../test-support/server-database.ts'
import { interferingPool } from '../interfering-pool.ts'
import { saveConnector, staff } from '../listing.ts'

describe.skipIf(!serverIsAvailable())('an event for a scope that somebody else makes', () => {
  test('between the lock and the look at it is taken in under the lock of that scope', async () => {
    const database = await emptyServerDatabase({ migrated: true })
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    try {
      let made = 0
      let freeWhenWritten: unknown
      const store = postgresStore({
        pool: interferingPool(pool, async (statement) => {
          if (statement.includes('webhook_mark') && statement.includes('as repeated') && made === 0) {
            made += 1
            await database.query(
              `insert into syncline.sync_scope (connector_id, resource_type) values ($1, $2)`,
              [staff.connectorId, staff.resourceType],
            )
          }
          if (statement.includes('into "syncline"."webhook_message"')) {
            const { rows } = await database.query('select id from syncline.sync_scope for update skip locked')
            freeWhenWritten = rows
          }
        }),
      })
      await saveConnector(store)
      const { webhooks } = store
      if (!webhooks) throw new Error('this store takes webhooks in')
      const taken = await webhooks.takeEvent(
        { ...staff, tenantId: 'tenant', externalId: 'u1', messageId: 'm1' },
        () => ({ kind: 'take' }),
      )
      expect(taken).toEqual({ kind: 'taken', outcome: 'none' })
      expect(made, 'somebody else came between').toBe(1)
      expect(freeWhenWritten).toEqual([])
    } finally {
      await pool.end()
      await database.drop()
    }
  })
})
