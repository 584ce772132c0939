import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, defineConnector, type SyncEvent, type UpstreamRecord } from '@syncline/core'
import { memoryCredentialStore } from '@syncline/core/memory'
import pLimit from 'p-limit'
import { expect } from 'vitest'
import { z } from 'zod'
import type { Database } from '../../test-support/server-database.ts'
import { signWebhook, webhookSecret } from './sign-webhook.ts'

const connectorId = 'crossed'
const users = { connectorId, resourceType: 'user' }

interface Written {
  readonly kind: string
  readonly runId: string | null
}

/** An upstream that changes while it is listed, from its first id to its last, and sends webhooks from the last to the first. */
async function crossedUpstream(database: Database, rows: number) {
  const upstream = new Map<string, UpstreamRecord>()
  const pageSize = Math.ceil(rows / 20)
  const idOf = (index: number): string => `u${String(index).padStart(6, '0')}`
  const change = (externalId: string, displayName: string): void =>
    void upstream.set(externalId, { externalId, displayName, attributes: {} })
  const connector = defineConnector({
    type: 'crossed',
    displayName: 'Crossed',
    configSchema: z.unknown(),
    resourceTypes: {
      user: {
        async list({ cursor }) {
          const from = Number(cursor ?? 0)
          const listed = [...upstream.values()].toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
          const nextCursor = from + pageSize < listed.length ? String(from + pageSize) : undefined
          return { success: true, payload: { resources: listed.slice(from, from + pageSize), nextCursor } }
        },
      },
    },
  })
  const open = () => openPostgresStore({ connectionString: database.url, maxConnections: 6 })
  const stores = [await open(), await open()] as const
  const credentials = memoryCredentialStore()
  const events: SyncEvent[] = []
  const [syncing, receiving] = stores.map((store) =>
    createSyncline({
      store,
      credentials,
      connectorTypes: [connector],
      onEvent: (event) => void events.push(event),
    }),
  )
  if (!syncing || !receiving) throw new Error('two processes are needed')
  await syncing.connectors.save({ connectorId, type: 'crossed' })
  await syncing.webhooks.setSecret({ connectorId, secret: webhookSecret })
  for (let index = 0; index < rows; index++) change(idOf(index), 'first')
  return {
    upstream,
    idOf,
    change,
    syncing,
    receiving,
    close: () => Promise.all(stores.map((store) => store.close())),
  }
}

/**
 * Syncs fully and sends a webhook for every row, at the same time and in opposite orders, round by round. Nothing may
 * fail, go stale or be overwritten by a page that was asked for before.
 */
export async function crossWebhooksAndSyncs(
  database: Database,
  { rows, rounds }: { readonly rows: number; readonly rounds: number },
): Promise<{ readonly turns: number; readonly webhooks: number }> {
  const stage = await crossedUpstream(database, rows)
  const { upstream, idOf, change, syncing, receiving } = stage
  let [turns, webhooks] = [0, 0]
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const id of upstream.keys()) change(id, `listed ${round}`)
      const after = (await lastPosition(database)) ?? 0
      const limit = pLimit(6)
      const ids = [...Array.from({ length: rows }, (_, index) => idOf(rows - 1 - index)), `new ${round}`]
      const sent = ids.map((id) =>
        limit(() => {
          change(id, `told ${round}`)
          webhooks += 1
          const data = { displayName: `told ${round}`, attributes: {} }
          const event = { action: 'updated', resourceType: 'user', resourceId: id, version: round, data }
          const { body, ...webhook } = signWebhook(connectorId, `${round}_${id.replace(' ', '_')}`, event)
          return receiving.webhooks.receive({ ...webhook, body: Buffer.from(body) })
        }),
      )
      const [run, ...outcomes] = await Promise.all([syncing.sync({ ...users, mode: 'full' }), ...sent])
      expect(run).toMatchObject({ status: 'success', stats: { staled: 0 } })
      for (const { status } of outcomes) expect(['applied', 'unchanged']).toContain(status)
      turns += await turnsSince(database, after)
      const stored = new Map<string, string>()
      for await (const { externalId, displayName, staleSince } of syncing.resources.all(users)) {
        stored.set(externalId, staleSince ? 'stale' : displayName)
      }
      const wanted = new Map([...upstream].map(([id, { displayName }]) => [id, displayName]))
      expect(stored, `round ${round}`).toEqual(wanted)
    }
    return { turns, webhooks }
  } finally {
    await stage.close()
  }
}

const lastPosition = async (database: Database): Promise<number | undefined> =>
  (await database.query('select max(last_position)::float8 as position from syncline.resource_change'))
    .rows[0]?.position

/** How often a run's change came right after a webhook's, or the other way round: whether they were interleaved at all. */
async function turnsSince(database: Database, after: number): Promise<number> {
  const { rows } = await database.query(
    'select kind, run_id as "runId" from syncline.resource_change where first_position > $1 order by first_position',
    [after],
  )
  const written = rows as readonly Written[]
  return written.filter(({ runId }, index) => {
    const before = written[index - 1]
    return before !== undefined && (before.runId === null) !== (runId === null)
  }).length
}
