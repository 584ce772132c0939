import { createSyncline, defineConnector, type UpstreamRecord } from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { connectorId, signed, users, vector } from './webhook-stage.ts'

const record = (externalId: string, displayName: string): UpstreamRecord => ({
  externalId,
  displayName,
  attributes: {},
})

/** A listing of two pages, whose second one has left upstream when `meanwhile` happens. */
async function syncBeside(meanwhile: (send: (event: object) => Promise<unknown>) => Promise<unknown>) {
  const upstream = new Map(['1', '2', '3'].map((id) => [id, record(id, 'Old')]))
  let happen = async (): Promise<unknown> => undefined
  const acme = defineConnector({
    type: 'acme',
    displayName: 'Acme',
    configSchema: z.unknown(),
    resourceTypes: {
      user: {
        async list({ cursor }) {
          const resources = [...upstream.values()].filter(
            ({ externalId }) => (externalId === '1') === !cursor,
          )
          if (cursor) await happen()
          return { success: true, payload: { resources, ...(!cursor && { nextCursor: 'rest' }) } }
        },
      },
    },
  })
  const syncline = createSyncline({
    connectorTypes: [acme],
    store: memoryStore(),
    credentials: memoryCredentialStore(),
  })
  await syncline.connectors.save({ connectorId, type: 'acme' })
  await syncline.webhooks.setSecret({ connectorId, secret: vector.secret })
  let sent = 0
  const send = (event: object) => {
    const body = JSON.stringify({ resourceType: 'user', ...event })
    return syncline.webhooks.receive(
      signed({ id: `m${(sent += 1)}`, time: Math.floor(Date.now() / 1_000), body }),
    )
  }
  await syncline.sync(users)
  happen = () => meanwhile(send)
  const run = await syncline.sync({ ...users, mode: 'full', restart: true })
  happen = async () => undefined
  const rows = await syncline.resources.list({ connectorId })
  return {
    syncline,
    run,
    upstream,
    rows: rows.data.map(({ externalId, displayName }) => `${externalId} ${displayName}`),
  }
}

describe('a webhook during a run', () => {
  test('is not overwritten by a page that was asked for before it, nor does what it wrote go stale', async () => {
    const { run, rows, syncline, upstream } = await syncBeside(async (send) => {
      await send({ action: 'updated', resourceId: '2', data: { displayName: 'Told' } })
      await send({ action: 'created', resourceId: '4', data: { displayName: 'Told' } })
    })
    expect(rows).toEqual(['1 Old', '2 Told', '3 Old', '4 Told'])
    expect(run).toMatchObject({ status: 'success', stats: { unchanged: 3, updated: 0, staled: 0 } })
    for (const id of ['2', '4']) upstream.set(id, record(id, 'Told'))
    const next = await syncline.sync({ ...users, mode: 'full' })
    expect(next.stats).toMatchObject({ unchanged: 4, added: 0, updated: 0, restored: 0, staled: 0 })
  })

  test('that removed something is not undone by it', async () => {
    const { run, rows } = await syncBeside((send) => send({ action: 'deleted', resourceId: '2' }))
    expect(rows).toEqual(['1 Old', '3 Old'])
    expect(run).toMatchObject({
      status: 'success',
      stats: { unchanged: 2, excluded: 1, added: 0, staled: 0 },
    })
  })
})
