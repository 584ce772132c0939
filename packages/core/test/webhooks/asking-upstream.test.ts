import { type ConnectorContext, type GetRequest, SyncError } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { setWebhookStage, users } from './webhook-stage.ts'

const ref = { ...users, externalId: 'u1' }
const record = (displayName: string) => ({ externalId: 'u1', displayName, attributes: { of: displayName } })
const told = (change: object = {}) => ({
  action: 'updated',
  resourceType: 'user',
  resourceId: 'u1',
  ...change,
})
const data = (displayName: string) => ({ displayName, attributes: {} })

/** A stage whose `get` does something first. */
async function stageWith(before: (count: number) => Promise<void>) {
  const stage = await setWebhookStage({ get: true })
  const definition = stage.connector.resourceTypes.user
  if (!definition) throw new Error('the stage has users')
  let count = 0
  const connector = {
    ...stage.connector,
    resourceTypes: {
      user: {
        ...definition,
        async get(request: GetRequest, context: ConnectorContext<unknown>) {
          const answer = await definition.get?.(request, context)
          await before((count += 1))
          return answer ?? { success: true as const, payload: null }
        },
      },
    },
  }
  return { ...stage, syncline: stage.another({ connectorTypes: [connector] }), count: () => count }
}

describe('a webhook that does not say enough', () => {
  test('without data is told by upstream what the resource is now', async () => {
    const { send, syncline, upstream, asked } = await setWebhookStage({ get: true })
    upstream.set('u1', record('Upstream'))
    expect((await send(told({ action: 'created' }))).status).toBe('applied')
    expect(await syncline.resources.get(ref)).toMatchObject(record('Upstream'))
    upstream.delete('u1')
    expect((await send(told())).status).toBe('applied')
    expect(await syncline.resources.get(ref)).toBeUndefined()
    expect(asked).toEqual(['u1', 'u1'])
  })

  test('with a part of the data only, too', async () => {
    const { send, syncline, upstream } = await setWebhookStage({ get: true })
    upstream.set('u1', record('Upstream'))
    await send(told({ data: { displayName: 'Told' } }))
    expect(await syncline.resources.get(ref)).toMatchObject(record('Upstream'))
  })

  test('that says all of a resource nobody knew is believed', async () => {
    const { send, syncline, asked } = await setWebhookStage({ get: true })
    await send(told({ action: 'created', data: data('Told') }))
    expect((await syncline.resources.get(ref))?.displayName).toBe('Told')
    expect(asked).toEqual([])
  })

  test('a deletion that is as old as an update is decided by upstream', async () => {
    const { send, syncline, upstream } = await setWebhookStage({ get: true })
    await send(told({ version: 2, data: data('Told') }))
    upstream.set('u1', record('Still there'))
    expect((await send(told({ action: 'deleted', version: 2 }))).status).toBe('applied')
    expect((await syncline.resources.get(ref))?.displayName).toBe('Still there')
  })

  test('filter rules hold for what upstream answers', async () => {
    const { send, syncline, upstream } = await setWebhookStage({ get: true })
    await syncline.configs.save({ ...users, filterRules: { emailDomains: ['acme.example'] } })
    upstream.set('u1', { ...record('Elsewhere'), email: 'a@other.example' })
    expect((await send(told())).status).toBe('excluded')
  })

  test('is asked about again when something was written while upstream answered', async () => {
    const stage = await stageWith(async (count) => {
      // What upstream has answered is old by now.
      if (count > 1) return
      stage.upstream.set('u1', record('Newest'))
      await stage.send(told({ version: 7, data: { displayName: 'Newer', attributes: {} } }))
    })
    stage.upstream.set('u1', record('Old'))
    expect((await stage.send(told(), { to: stage.syncline })).status).toBe('applied')
    expect(stage.count()).toBe(2)
    expect((await stage.syncline.resources.get(ref))?.displayName).toBe('Newest')
  })

  test('is asked about again when a run has stored something else meanwhile', async () => {
    const stage = await stageWith(async (count) => {
      if (count > 1) return
      stage.upstream.set('u1', record('Newest'))
      await stage.syncline.sync(users)
    })
    stage.upstream.set('u1', record('Old'))
    await stage.send(told(), { to: stage.syncline })
    expect(stage.count()).toBe(2)
    expect((await stage.syncline.resources.get(ref))?.displayName).toBe('Newest')
  })

  test('is outdated when a newer event was taken in while upstream answered', async () => {
    const stage = await stageWith(async () => {
      await stage.send(told({ action: 'deleted', version: 7 }))
    })
    stage.upstream.set('u1', record('Old'))
    expect((await stage.send(told({ version: 6 }), { to: stage.syncline })).status).toBe('outdated')
    expect(await stage.syncline.resources.get(ref)).toBeUndefined()
  })

  test('gives up when the resource never stands still, and may be sent again', async () => {
    let busy = true
    const stage = await stageWith(async (count) => {
      if (busy) await stage.syncline.resources.upsert(users, record(`Version ${count}`))
    })
    stage.upstream.set('u1', record('Upstream'))
    await expect(stage.send(told(), { id: 'm', to: stage.syncline })).rejects.toMatchObject({
      code: 'WEBHOOK_CONTENDED',
    })
    busy = false
    expect((await stage.send(told(), { id: 'm', to: stage.syncline })).status).toBe('applied')
  })

  test('events of one resource ask upstream one after the other', async () => {
    let [at, most] = [0, 0]
    const stage = await stageWith(async () => {
      at += 1
      most = Math.max(most, at)
      await new Promise<void>((resolve) => setImmediate(resolve))
      at -= 1
    })
    stage.upstream.set('u1', record('Upstream'))
    await Promise.all(Array.from({ length: 6 }, () => stage.send(told(), { to: stage.syncline })))
    expect(most).toBe(1)
    expect((await stage.syncline.resources.get(ref))?.displayName).toBe('Upstream')
  })

  test('when upstream fails nothing is written, and the message may be sent again', async () => {
    let away = true
    const stage = await stageWith(async () => {
      if (away) throw new SyncError('UNAUTHORIZED', 'upstream refused')
    })
    stage.upstream.set('u1', record('Upstream'))
    await expect(stage.send(told(), { id: 'm', to: stage.syncline })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
    expect(await stage.syncline.resources.get(ref)).toBeUndefined()
    away = false
    expect((await stage.send(told(), { id: 'm', to: stage.syncline })).status).toBe('applied')
  })

  test('upstream is waited for no longer than limits.webhookFetchMs', async () => {
    const stage = await stageWith(() => new Promise(() => undefined))
    const sent = stage.send(told(), { to: stage.syncline })
    const refused = sent.catch((error: unknown) => error)
    for (let turn = 0; turn < 50 && stage.count() === 0; turn++) await stage.clock.advance(0)
    expect(stage.clock.timers).toBeGreaterThan(0)
    await stage.clock.advance(10_000)
    expect(await refused).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    expect(stage.clock.timers).toBe(0)
  })

  test('a paused connector asks nobody, and takes what it is told', async () => {
    const { send, syncline, connector } = await setWebhookStage({ get: true })
    await syncline.connectors.save({ connectorId: 'acme', type: connector.type, status: 'paused' })
    await expect(send(told())).rejects.toMatchObject({ code: 'CONNECTOR_PAUSED' })
    expect((await send(told({ data: data('Told') }))).status).toBe('applied')
  })
})
