import { setImmediate } from 'node:timers/promises'
import { createSyncline, SyncError } from '@syncline/core'
import { memoryCache, memoryStore } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { connectorId, setWebhookStage, signed, users, vector } from './webhook-stage.ts'

const ref = { ...users, externalId: 'u1' }
const ada = { displayName: 'Ada', email: 'ada@acme.example', attributes: { floor: 3 } }
const told = (change: object = {}) => ({
  action: 'updated',
  resourceType: 'user',
  resourceId: 'u1',
  data: ada,
  ...change,
})
const upstreamAda = { externalId: 'u1', ...ada }

describe('receive', () => {
  test('stores, leaves alone, changes and removes, as the event says, with the change log of a direct write', async () => {
    const { send, syncline } = await setWebhookStage()
    const resource = { resourceType: 'user', externalId: 'u1' }
    expect(await send(told({ action: 'created' }), { id: 'first' })).toEqual({
      status: 'applied',
      messageId: 'first',
      resource,
    })
    expect(await syncline.resources.get(ref)).toMatchObject(ada)
    expect((await send(told())).status).toBe('unchanged')
    expect((await send(told({ data: { ...ada, email: null } }))).status).toBe('applied')
    expect((await send(told({ action: 'deleted', data: undefined }))).status).toBe('applied')
    expect((await send(told({ action: 'deleted', data: undefined }))).status).toBe('unchanged')
    const changes = await syncline.changes.read(users)
    expect(changes.map(({ kind, runId }) => [kind, runId])).toEqual([
      ['created', undefined],
      ['updated', undefined],
      ['removed', undefined],
    ])
  })

  test('a sync of the same record finds it unchanged: hashes are the same', async () => {
    const { send, syncline, upstream } = await setWebhookStage()
    await send(told())
    upstream.set('u1', upstreamAda)
    const { stats } = await syncline.sync(users)
    expect([stats.unchanged, stats.added, stats.updated]).toEqual([1, 0, 0])
  })

  test('of one scope at most two are with the store at once', async () => {
    const { another, send, store } = await setWebhookStage()
    const { webhooks } = store
    if (!webhooks) throw new Error('the memory store takes webhooks in')
    let within = 0
    let most = 0
    const takeEvent: typeof webhooks.takeEvent = async (target, decide) => {
      within += 1
      most = Math.max(most, within)
      // Everything that can happen meanwhile happens.
      await setImmediate()
      within -= 1
      return webhooks.takeEvent(target, decide)
    }
    const to = another({ store: { ...store, webhooks: { ...webhooks, takeEvent } } })
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) => send(told({ resourceId: `u${index}` }), { to })),
    )
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 'applied'))
    expect(most).toBe(2)
  })

  test('at once for a scope without settings, all are taken in and its settings are made once', async () => {
    const { send, syncline } = await setWebhookStage()
    const sent = Array.from({ length: 30 }, (_, index) => send(told({ resourceId: `u${index}` })))
    expect(new Set((await Promise.all(sent)).map(({ status }) => status))).toEqual(new Set(['applied']))
    expect(await syncline.configs.list()).toHaveLength(1)
  })

  test('what data leaves out stays as it is stored', async () => {
    const { send, syncline } = await setWebhookStage()
    await send(told())
    await send(told({ data: { email: 'new@acme.example' } }))
    expect(await syncline.resources.get(ref)).toMatchObject({ ...ada, email: 'new@acme.example' })
    await send(told({ data: { attributes: { floor: 4 } } }))
    expect(await syncline.resources.get(ref)).toMatchObject({ displayName: 'Ada', attributes: { floor: 4 } })
  })

  test('a new resource without a name is invalid where upstream cannot be asked', async () => {
    const { send, syncline } = await setWebhookStage()
    await expect(send(told({ data: { email: null } }))).rejects.toMatchObject({ code: 'WEBHOOK_INVALID' })
    await expect(send(told({ data: undefined }))).rejects.toMatchObject({
      code: 'WEBHOOK_INVALID',
      message: expect.stringContaining('get'),
    })
    expect(await syncline.resources.get(ref)).toBeUndefined()
  })

  test.each<[string, object]>([
    ['an unknown action', told({ action: 'renamed' })],
    ['an unknown field', told({ extra: 1 })],
    ['an unknown field in data', told({ data: { ...ada, extra: 1 } })],
    ['a resource type that is null', told({ resourceType: null })],
    ['a resource type that is none', told({ resourceType: 'User' })],
    ['a resource type that the connector does not have', told({ resourceType: 'device' })],
    ['no id', told({ resourceId: undefined })],
    ['an id that is a number', told({ resourceId: 1 })],
    ['an empty id', told({ resourceId: '' })],
    ['an id with U+0000, also to delete', told({ action: 'deleted', resourceId: 'a\0b' })],
    ['an id that is too long', told({ resourceId: 'x'.repeat(256) })],
    ['half a character', told({ data: { ...ada, displayName: '\ud800' } })],
    ['a name that is too long', told({ data: { ...ada, displayName: 'x'.repeat(256) } })],
    ['a version below zero', told({ version: -1 })],
    ['a version with a fraction', told({ version: 1.5 })],
    ['a version that numbers cannot tell from the next', told({ version: 2 ** 53 })],
    ['a time without an offset', told({ occurredAt: '2026-01-01T00:00:00' })],
    ['a time that is none', told({ occurredAt: 'yesterday' })],
    ['a time in the year 0', told({ occurredAt: '0000-01-01T00:00:00Z' })],
    ['a time that its offset moves into the year 0', told({ occurredAt: '0001-01-01T00:00:00+23:59' })],
    ['a time that its offset moves into the year 10000', told({ occurredAt: '9999-12-31T23:59:59-00:01' })],
    ['a time before the year 0', told({ occurredAt: '-000001-01-01T00:00:00Z' })],
    ['a day that is none', told({ occurredAt: '2026-02-30T00:00:00Z' })],
  ])('refuses %s, and notes nothing', async (_, event) => {
    const { send, store, sink } = await setWebhookStage()
    await expect(send(event, { id: 'bad' })).rejects.toMatchObject({ code: 'WEBHOOK_INVALID' })
    expect(await store.webhooks?.noted({ connectorId, messageId: 'bad' })).toBe(false)
    expect(await store.resources.find({ connectorId, limit: 10 })).toEqual([])
    expect(sink.of('webhook.refused')).toMatchObject([{ code: 'WEBHOOK_INVALID' }])
  })

  test.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])(
    'accepts %s as the time of an event',
    async (occurredAt) => {
      const { send } = await setWebhookStage()
      expect((await send(told({ occurredAt }))).status).toBe('applied')
    },
  )

  test('names the unknown fields of an event, the first five of them', async () => {
    const { send } = await setWebhookStage()
    const problemOf = (event: object) => send(event).then(String, String)
    expect(await problemOf(told({ resource_id: 1 }))).toContain(
      'body: unknown field "resource_id"; remove it',
    )
    expect(await problemOf(told({ data: { ...ada, mail: 'a@b.c' } }))).toMatch(/data: unknown field "mail"/)
    const many = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, place) => [`f${place}${'x'.repeat(99)}`, 1]),
    )
    const problem = await problemOf(told(many))
    expect(problem).toContain('and 995 more')
    expect(problem.length).toBeLessThan(500)
  })

  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['a list', '[]'],
    ['text', '"text"'],
    ['null', 'null'],
    ['JSON and more', '{} {}'],
    ['a byte order mark', '\ufeff{}'],
    ['65 levels', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`],
    ['100,000 levels', '['.repeat(100_000)],
    ['U+0000', '{"a":"\\u0000"}'],
  ])('refuses a body of %s', async (_, body) => {
    const { syncline } = await setWebhookStage()
    await expect(syncline.webhooks.receive(signed({ body }))).rejects.toMatchObject({
      code: 'WEBHOOK_INVALID',
    })
  })

  test('members that could be taken for a prototype are dropped', async () => {
    const received: unknown[] = []
    const { syncline } = await setWebhookStage({
      options: { onWebhook: async ({ payload }) => void received.push(payload) },
    })
    await syncline.webhooks.receive(signed({ body: '{"a":1,"__proto__":{"b":2}}' }))
    expect(received).toEqual([{ a: 1 }])
  })

  test('filter rules leave records out, and an older event that passes does not come back in', async () => {
    const { send, syncline } = await setWebhookStage()
    await syncline.configs.save({ ...users, filterRules: { emailDomains: ['acme.example'] } })
    const elsewhere = { ...ada, email: 'ada@other.example' }
    expect((await send(told({ data: elsewhere, version: 2 }))).status).toBe('excluded')
    expect((await send(told({ version: 1 }))).status).toBe('outdated')
    expect(await syncline.resources.get(ref)).toBeUndefined()
    expect((await send(told({ version: 3 }))).status).toBe('applied')
  })

  test('a replay has one effect: at once, after a restart, and for two processes at once', async () => {
    const { send, another, syncline } = await setWebhookStage()
    await send(told(), { id: 'message' })
    await syncline.resources.remove(ref)
    expect((await send(told(), { id: 'message' })).status).toBe('repeated')
    expect((await send(told(), { id: 'message', to: another() })).status).toBe('repeated')
    expect(await syncline.resources.get(ref)).toBeUndefined()
    const [one, other] = [another(), another()]
    const both = await Promise.all([one, other].map((to) => send(told({ version: 9 }), { id: 'both', to })))
    expect(both.map(({ status }) => status).toSorted()).toEqual(['applied', 'repeated'])
  })

  test('a message is remembered for longer than its time stamp is good', async () => {
    const { send, syncline, clock } = await setWebhookStage()
    await syncline.start({ work: true })
    await send(told(), { id: 'message' })
    await clock.advance(47 * 3_600_000)
    expect((await send(told(), { id: 'message' })).status).toBe('repeated')
    await syncline.stop()
    const create = (webhooks: string) => createSyncline({ connectorTypes: [], retention: { webhooks } })
    expect(() => create('59m')).toThrow(expect.objectContaining({ code: 'RETENTION_INVALID' }))
    expect(() => create('1h')).not.toThrow()
  })

  test('tells the host what came, and nothing of its body', async () => {
    const { send, sink, logged } = await setWebhookStage()
    await send(told({ data: { ...ada, displayName: 'Nobody must read this' } }), { id: 'one' })
    await send({ note: 'Nobody must read this' }, { id: 'two' })
    const refused = send(told({ action: 'Nobody must read this' }))
    await expect(refused).rejects.toMatchObject({ code: 'WEBHOOK_INVALID' })
    expect(sink.of('webhook.received')).toMatchObject([
      {
        connectorId,
        tenantId: 'default',
        messageId: 'one',
        status: 'applied',
        action: 'updated',
        resourceType: 'user',
        externalId: 'u1',
      },
      { messageId: 'two', status: 'forwarded' },
    ])
    expect(JSON.stringify([sink.events, logged])).not.toContain('Nobody must read this')
  })

  test('says so when the store cannot take webhooks in', async () => {
    const store = { ...memoryStore(), webhooks: undefined }
    const { send } = await setWebhookStage({ options: { store } })
    await expect(send(told())).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
  })

  test('takes nothing in once it was stopped', async () => {
    const { send, syncline } = await setWebhookStage()
    await syncline.stop()
    await expect(send(told())).rejects.toMatchObject({ code: 'STOPPED' })
  })
})

describe('a webhook without a resource type', () => {
  test('goes to onWebhook, once, whatever it holds', async () => {
    const received: unknown[] = []
    const { send, another } = await setWebhookStage({
      options: { onWebhook: async (message) => void received.push(message) },
    })
    const payload = { action: 'updated', resourceId: 'u1', anything: [1] }
    expect(await send(payload, { id: 'm' })).toEqual({ status: 'forwarded', messageId: 'm', handled: true })
    expect((await send(payload, { id: 'm', to: another() })).status).toBe('repeated')
    expect(received).toEqual([{ connectorId, tenantId: 'default', messageId: 'm', payload }])
  })

  test('is offered again when onWebhook fails', async () => {
    let failures = 2
    const { send } = await setWebhookStage({
      options: {
        onWebhook: async () => {
          if (failures-- > 0) throw new Error('the host is busy')
        },
      },
    })
    for (let round = 0; round < 2; round++) {
      await expect(send({}, { id: 'm' })).rejects.toMatchObject({ code: 'WEBHOOK_HANDLER_FAILED' })
    }
    expect(await send({}, { id: 'm' })).toMatchObject({ status: 'forwarded', handled: true })
  })

  test('is logged when there is no onWebhook, and taken all the same', async () => {
    const { send, logged } = await setWebhookStage()
    expect(await send({ anything: 1 }, { id: 'm' })).toEqual({
      status: 'forwarded',
      messageId: 'm',
      handled: false,
    })
    expect(logged).toMatchObject([
      { connectorId, messageId: 'm', message: expect.stringContaining('onWebhook') },
    ])
    expect((await send({ anything: 1 }, { id: 'm' })).status).toBe('repeated')
  })
})

describe('what was looked up', () => {
  test('is forgotten before a webhook is answered, whatever comes of it', async () => {
    const stage = await setWebhookStage({ get: true, options: {} })
    const cache = memoryCache({ clock: stage.clock })
    const syncline = stage.another({ cache })
    const name = async () => (await syncline.resources.lookUp(ref))?.displayName
    const change = (displayName: string) => stage.upstream.set('u1', { ...upstreamAda, displayName })
    change('One')
    expect(await name()).toBe('One')
    change('Two')
    expect(await name()).toBe('One')
    await stage.send(told({ version: 5 }), { to: syncline, id: 'm' })
    expect(await name()).toBe('Two')
    for (const [event, status] of [
      [told({ version: 5 }), 'repeated'],
      [told({ version: 4 }), 'outdated'],
    ] as const) {
      const before = await name()
      change(`${before}+`)
      const id = status === 'repeated' ? 'm' : 'other'
      expect((await stage.send(event, { to: syncline, id })).status).toBe(status)
      expect(await name()).toBe(`${before}+`)
    }
  })

  test('is forgotten also when the write fails', async () => {
    const stage = await setWebhookStage({ get: true })
    const cache = memoryCache({ clock: stage.clock })
    const { webhooks } = stage.store
    if (!webhooks) throw new Error('the memory store takes webhooks in')
    const store = {
      ...stage.store,
      webhooks: {
        ...webhooks,
        takeEvent: async () => {
          throw new SyncError('STORE_UNAVAILABLE', 'away')
        },
      },
    }
    const syncline = stage.another({ cache, store })
    stage.upstream.set('u1', upstreamAda)
    await syncline.resources.lookUp(ref)
    stage.upstream.set('u1', { ...upstreamAda, displayName: 'New' })
    await expect(stage.send(told(), { to: syncline })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect((await syncline.resources.lookUp(ref))?.displayName).toBe('New')
  })
})

test('the stage signs as the published vector does', () => {
  expect(signed({ body: vector.body }).headers['webhook-signature']).toBe(vector.signature)
})
