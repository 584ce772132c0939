import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'
import { pageConnector } from '../crash/page-connector.ts'
import { signWebhook } from './sign-webhook.ts'
import { crossWebhooksAndSyncs } from './webhooks-beside-syncs.ts'

const connectorId = 'replayed'
const rounds = 20

interface Received {
  readonly status: string
  readonly began: number
  readonly ended: number
}

describe.skipIf(!serverIsAvailable())('a message that is delivered to two processes at once', () => {
  let database: Database
  let children: ChildProcess[]

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    const store = await openPostgresStore({ connectionString: database.url })
    const syncline = createSyncline({ store, connectorTypes: [pageConnector] })
    await syncline.connectors.save({ connectorId, type: 'pages', config: { url: 'http://127.0.0.1:1' } })
    await store.close()
    children = [0, 1].map(() =>
      fork(join(import.meta.dirname, 'webhook.child.ts'), [database.url, connectorId], {
        execArgv: ['--conditions=@syncline/source'],
      }),
    )
    await Promise.all(children.map((child) => once(child, 'message')))
  })
  afterAll(async () => {
    const exits = children.map((child) => once(child, 'exit'))
    for (const child of children) child.kill()
    await Promise.all(exits)
    await database.drop()
  })

  test(`has one effect, ${rounds} rounds`, async () => {
    let overlapping = 0
    for (let round = 1; round <= rounds; round++) {
      const data = { displayName: `Round ${round}`, attributes: {} }
      const event = { action: 'updated', resourceType: 'user', resourceId: 'u1', data }
      const answers = children.map(async (child) => ((await once(child, 'message')) as [Received])[0])
      const webhook = signWebhook(connectorId, `message_${round}`, event)
      for (const child of children) child.send(webhook)
      const [one, other] = await Promise.all(answers)
      expect(new Set([one?.status, other?.status]), `round ${round}`).toEqual(
        new Set(['applied', 'repeated']),
      )
      if (one && other && one.began < other.ended && other.began < one.ended) overlapping += 1
    }
    // Had they never been at it at the same time, this would prove nothing.
    expect(overlapping).toBeGreaterThan(0)
    const { rows } = await database.query(
      'select sum(cardinality(external_ids))::int as changes from syncline.resource_change',
    )
    expect(rows).toEqual([{ changes: rounds }])
  })
})

describe.skipIf(!serverIsAvailable())('webhooks and a full sync that cross each other', () => {
  test('never fail, and nothing they wrote is staled or overwritten', async () => {
    const database = await emptyServerDatabase({ migrated: true })
    try {
      const { turns } = await crossWebhooksAndSyncs(database, { rows: 150, rounds: 2 })
      expect(turns).toBeGreaterThan(2)
    } finally {
      await database.drop()
    }
  })
})
