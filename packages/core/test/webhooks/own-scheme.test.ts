import { createHmac } from 'node:crypto'
import { type ConnectorType, defineConnector, type WebhookRequest } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { connectorId, setWebhookStage, users } from './webhook-stage.ts'

type Verify = NonNullable<ConnectorType['verifyWebhook']>

const secret = 'the secret of a vendor'
const sign = (body: Uint8Array, key = secret) => createHmac('sha256', key).update(body).digest('hex')

/** The vendor signs the body alone and sends words of its own. */
const vendor: Verify = ({ headers, body, secrets }) => {
  const good = secrets.some((one) => sign(body, one) === headers['x-signature'])
  if (!good) return { verified: false, reason: 'wrong signature' }
  const { id, what, who } = JSON.parse(Buffer.from(body).toString())
  if (what === undefined) return { verified: true, messageId: id }
  const data = { displayName: who, attributes: {} }
  return {
    verified: true,
    messageId: id,
    event: { action: what, resourceType: 'user', resourceId: who, data },
  }
}

const webhook = (told: object, signature?: string) => {
  const body = Buffer.from(JSON.stringify(told))
  return { connectorId, body, headers: { 'X-Signature': signature ?? sign(body) } }
}

describe('a connector type with a scheme of its own', () => {
  test('verifies its webhooks and says in our words what they say', async () => {
    const { syncline } = await setWebhookStage({ verifyWebhook: vendor, secret })
    const told = { id: 'm1', what: 'created', who: 'ada' }
    expect(await syncline.webhooks.receive(webhook(told))).toMatchObject({
      status: 'applied',
      messageId: 'm1',
    })
    expect((await syncline.webhooks.receive(webhook(told))).status).toBe('repeated')
    expect((await syncline.resources.get({ ...users, externalId: 'ada' }))?.displayName).toBe('ada')
    await expect(syncline.webhooks.receive(webhook(told, 'wrong'))).rejects.toMatchObject({
      code: 'WEBHOOK_UNVERIFIED',
    })
  })

  test('leaves the body to us where it says no event', async () => {
    const { syncline } = await setWebhookStage({ verifyWebhook: vendor, secret })
    expect((await syncline.webhooks.receive(webhook({ id: 'm1' }))).status).toBe('forwarded')
  })

  test('is given the bytes, the secrets newest first, and the time', async () => {
    const seen: WebhookRequest[] = []
    const { syncline, clock } = await setWebhookStage({
      secret,
      verifyWebhook(request) {
        seen.push(request)
        return { verified: true, messageId: 'm' }
      },
    })
    await syncline.webhooks.setSecret({ connectorId, secret: 'another secret of it', keepPreviousFor: '1h' })
    const body = Buffer.from('{}')
    await syncline.webhooks.receive({ connectorId, body, headers: { 'X-A': 'a', 'x-b': ['b', 'b'] } })
    expect(seen).toEqual([
      {
        body,
        headers: { 'x-a': 'a' },
        repeated: ['x-b'],
        secrets: ['another secret of it', secret],
        receivedAt: clock.now(),
      },
    ])
  })

  test.each<[string, unknown]>([
    ['no verdict', undefined],
    ['a verdict that is no verdict', true],
    ['no message id', { verified: true }],
    ['an empty message id', { verified: true, messageId: '' }],
    ['a message id with a space', { verified: true, messageId: 'a b' }],
    ['something like yes', { verified: 'yes', messageId: 'm' }],
  ])('verifies nothing when it answers %s', async (_, verdict) => {
    const { syncline } = await setWebhookStage({ secret, verifyWebhook: () => verdict as never })
    await expect(syncline.webhooks.receive(webhook({ id: 'm' }))).rejects.toMatchObject({
      code: 'WEBHOOK_UNVERIFIED',
    })
  })

  test('is never asked without a secret', async () => {
    const { syncline } = await setWebhookStage({
      secret: null,
      verifyWebhook: () => ({ verified: true, messageId: 'm' }),
    })
    await expect(syncline.webhooks.receive(webhook({ id: 'm' }))).rejects.toMatchObject({
      code: 'WEBHOOK_UNVERIFIED',
    })
  })

  test('an event that is none is invalid', async () => {
    const { syncline } = await setWebhookStage({
      secret,
      verifyWebhook: () => ({ verified: true, messageId: 'm', event: { action: 'renamed' } as never }),
    })
    await expect(syncline.webhooks.receive(webhook({ id: 'm' }))).rejects.toMatchObject({
      code: 'WEBHOOK_INVALID',
    })
  })

  test('defineConnector refuses a verifyWebhook that is no function', () => {
    const type = {
      type: 'acme',
      displayName: 'Acme',
      configSchema: z.unknown(),
      resourceTypes: { user: { list: async () => ({ success: true, payload: { resources: [] } }) as const } },
      verifyWebhook: true as never,
    }
    expect(() => defineConnector(type)).toThrow(expect.objectContaining({ code: 'CONNECTOR_TYPE_INVALID' }))
  })
})
