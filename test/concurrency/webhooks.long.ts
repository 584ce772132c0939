import { describe, expect, test } from 'vitest'
import { emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'
import { crossWebhooksAndSyncs } from './webhooks-beside-syncs.ts'

describe.skipIf(!serverIsAvailable())('webhooks and full syncs of 2,000 rows that cross each other', () => {
  test('20 rounds: none fails, and nothing they wrote is staled or overwritten', async () => {
    const database = await emptyServerDatabase({ migrated: true })
    const deadlocks = async () => {
      const { rows } = await database.query(
        'select deadlocks::int from pg_stat_database where datname = current_database()',
      )
      return rows[0]?.deadlocks
    }
    try {
      const { turns, webhooks } = await crossWebhooksAndSyncs(database, { rows: 2_000, rounds: 20 })
      console.log(`${webhooks} webhooks, ${turns} changes of writer, ${await deadlocks()} deadlocks`)
      expect(turns).toBeGreaterThan(100)
      expect(await deadlocks()).toBe(0)
    } finally {
      await database.drop()
    }
  }, 1_800_000)
})
