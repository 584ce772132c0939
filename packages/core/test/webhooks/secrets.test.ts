import { SyncError } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { connectorId, setWebhookStage, signed, vector, type WebhookStage } from './webhook-stage.ts'

const hour = 3_600_000
const body = JSON.stringify({ action: 'deleted', resourceType: 'user', resourceId: 'u1' })

let sent = 0

/** Whether a webhook signed with this secret now is taken. */
async function takes({ syncline, clock }: WebhookStage, secret: string, to = syncline): Promise<boolean> {
  const time = Math.floor(clock.now().getTime() / 1_000)
  try {
    await to.webhooks.receive(signed({ id: `secret_${(sent += 1)}`, time, secret, body }))
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'WEBHOOK_UNVERIFIED' })
    return false
  }
}

describe('webhooks.setSecret', () => {
  test('makes a secret of 32 bytes when none is given, answers it once, and never again', async () => {
    const stage = await setWebhookStage({ secret: null })
    const { syncline } = stage
    expect(await syncline.webhooks.state({ connectorId })).toEqual({ configured: false })
    const { secret } = await syncline.webhooks.setSecret({ connectorId })
    expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32)
    expect(await takes(stage, secret)).toBe(true)
    expect(await syncline.webhooks.state({ connectorId })).toEqual({
      configured: true,
      changedAt: expect.any(Date),
    })
    expect((await syncline.webhooks.setSecret({ connectorId })).secret).not.toBe(secret)
  })

  test('the secret before it is refused at once, unless it is kept for a while', async () => {
    const stage = await setWebhookStage()
    const { syncline, clock } = stage
    const { secret: second } = await syncline.webhooks.setSecret({ connectorId })
    expect([await takes(stage, vector.secret), await takes(stage, second)]).toEqual([false, true])

    const { secret: third } = await syncline.webhooks.setSecret({ connectorId, keepPreviousFor: '24h' })
    const { previousUntil } = await syncline.webhooks.state({ connectorId })
    expect(previousUntil?.getTime()).toBe(clock.now().getTime() + 24 * hour)
    await clock.advance(24 * hour - 1)
    expect([await takes(stage, second), await takes(stage, third)]).toEqual([true, true])
    await clock.advance(1)
    expect([await takes(stage, second), await takes(stage, third)]).toEqual([false, true])
    expect(await syncline.webhooks.state({ connectorId })).toMatchObject({ configured: true })
    expect((await syncline.webhooks.state({ connectorId })).previousUntil).toBeUndefined()
  })

  test('setting the present secret once more keeps the one before it', async () => {
    const stage = await setWebhookStage()
    const { syncline } = stage
    const { secret } = await syncline.webhooks.setSecret({ connectorId, keepPreviousFor: '1h' })
    await syncline.webhooks.setSecret({ connectorId, secret, keepPreviousFor: '2h' })
    expect([await takes(stage, vector.secret), await takes(stage, secret)]).toEqual([true, true])
  })

  test('a secret that another process has set works at once', async () => {
    const stage = await setWebhookStage()
    const other = stage.another()
    expect(await takes(stage, vector.secret, other)).toBe(true)
    const { secret } = await stage.syncline.webhooks.setSecret({ connectorId, keepPreviousFor: '1h' })
    expect(await takes(stage, secret, other)).toBe(true)
  })

  test('strangers make a process look for a newer secret once in ten seconds at most', async () => {
    const stage = await setWebhookStage()
    let reads = 0
    const credentials = {
      ...stage.credentials,
      read: (id: Parameters<typeof stage.credentials.read>[0]) => {
        reads += 1
        return stage.credentials.read(id)
      },
    }
    const syncline = stage.another({ credentials })
    const stranger = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
    for (let count = 0; count < 50; count++) expect(await takes(stage, stranger, syncline)).toBe(false)
    expect(reads).toBe(2)
    await stage.clock.advance(10_000)
    expect(await takes(stage, stranger, syncline)).toBe(false)
    expect(reads).toBe(3)
  })

  const base64 = (bytes: number) => Buffer.alloc(bytes, 5).toString('base64')
  test.each([
    '',
    'short',
    'whsec_',
    `whsec_${base64(23)}`,
    `whsec_${base64(65)}`,
    base64(32),
    `whsec_${'*'.repeat(32)}`,
    `whsec_${base64(32)} `,
  ])('refuses %j, without repeating it', async (secret) => {
    const { syncline } = await setWebhookStage()
    const error: unknown = await syncline.webhooks
      .setSecret({ connectorId, secret })
      .catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'CREDENTIAL_INVALID' })
    if (secret.length > 6) expect((error as Error).message).not.toContain(secret)
  })

  test.each([24, 64])('takes a secret of %i bytes', async (bytes) => {
    const stage = await setWebhookStage()
    const secret = `whsec_${base64(bytes)}`
    expect(await stage.syncline.webhooks.setSecret({ connectorId, secret })).toEqual({ secret })
    expect(await takes(stage, secret)).toBe(true)
  })

  test('takes any secret of at least sixteen characters for a connector type with a scheme of its own', async () => {
    const verifyWebhook = () => ({ verified: false, reason: 'no' }) as const
    const { syncline } = await setWebhookStage({ verifyWebhook, secret: "It's a Secret to Everybody" })
    await expect(
      syncline.webhooks.setSecret({ connectorId, secret: 'fifteen letters' }),
    ).rejects.toMatchObject({
      code: 'CREDENTIAL_INVALID',
    })
  })

  test('a connector that is not there has no secret', async () => {
    const { syncline } = await setWebhookStage()
    const unknown = { connectorId: 'unknown' }
    for (const call of [
      () => syncline.webhooks.setSecret(unknown),
      () => syncline.webhooks.removeSecret(unknown),
      () => syncline.webhooks.state(unknown),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'CONNECTOR_NOT_FOUND' })
    }
  })

  test('refuses a time to keep the present secret for that is none', async () => {
    const { syncline } = await setWebhookStage()
    await expect(syncline.webhooks.setSecret({ connectorId, keepPreviousFor: 'long' })).rejects.toMatchObject(
      {
        code: 'RETENTION_INVALID',
        message: expect.stringContaining('keepPreviousFor'),
      },
    )
  })

  test('tells the host that the secret was changed, and nothing of it', async () => {
    const { syncline, sink } = await setWebhookStage()
    const { secret } = await syncline.webhooks.setSecret({ connectorId, keepPreviousFor: '1h' })
    await syncline.webhooks.removeSecret({ connectorId })
    const changes = sink.of('webhook.secret_changed')
    expect(changes.map(({ change, previousUntil }) => [change, previousUntil !== undefined])).toEqual([
      ['set', false],
      ['set', true],
      ['removed', false],
    ])
    expect(JSON.stringify(sink.events)).not.toContain(secret.slice(8, 24))
  })
})

describe('webhooks.removeSecret', () => {
  test('refuses every webhook from then on; false when there is no secret', async () => {
    const stage = await setWebhookStage()
    expect(await takes(stage, vector.secret)).toBe(true)
    expect(await stage.syncline.webhooks.removeSecret({ connectorId })).toBe(true)
    expect(await takes(stage, vector.secret)).toBe(false)
    expect(await stage.syncline.webhooks.removeSecret({ connectorId })).toBe(false)
    expect(await stage.syncline.webhooks.state({ connectorId })).toEqual({ configured: false })
  })
})

describe('secrets of webhooks', () => {
  test('belong to their tenant', async () => {
    const stage = await setWebhookStage()
    const { syncline } = stage
    await syncline.connectors.move({ connectorId, from: 'default', to: 'other' })
    expect(await takes(stage, vector.secret)).toBe(false)
    expect(await syncline.credentials.list({})).toEqual([])
    expect(await syncline.webhooks.state({ connectorId })).toEqual({ configured: false })
  })

  test('are removed with their connector, the former one too, so that one made again believes nobody', async () => {
    const stage = await setWebhookStage()
    const { syncline, connector } = stage
    const { secret } = await syncline.webhooks.setSecret({ connectorId, keepPreviousFor: '1d' })
    expect(await takes(stage, secret)).toBe(true)
    expect(await syncline.connectors.remove(connectorId)).toBe(true)
    expect(await syncline.credentials.list({})).toEqual([])
    await syncline.connectors.save({ connectorId, type: connector.type })
    for (const known of [secret, vector.secret]) expect(await takes(stage, known)).toBe(false)
  })

  test('stay when another tenant asks for the removal of the connector', async () => {
    const stage = await setWebhookStage()
    expect(await stage.syncline.connectors.remove(connectorId, { tenantId: 'other' })).toBe(false)
    expect(await takes(stage, vector.secret)).toBe(true)
  })

  test('are struck from what a connector type logs while it verifies, and from what it throws', async () => {
    const secret = 'a secret of the vendor'
    const stage = await setWebhookStage({
      secret,
      verifyWebhook({ secrets }, { logger }) {
        logger.warn({ secrets }, `trying ${secrets[0]}`)
        throw new Error(`could not verify with ${secrets[0]}`)
      },
    })
    expect(await takes(stage, vector.secret)).toBe(false)
    expect(stage.logged.length).toBeGreaterThan(1)
    const shown = JSON.stringify([stage.logged, stage.sink.events], (_, value: unknown) =>
      value instanceof Error ? [value.message, value.stack, value.cause] : value,
    )
    expect(shown).toContain('could not verify')
    expect(shown).not.toContain(secret)
  })

  test('in a record make it invalid', async () => {
    const stage = await setWebhookStage()
    const told = (text: string) =>
      stage.send({
        action: 'created',
        resourceType: 'user',
        resourceId: 'u1',
        data: { displayName: text, attributes: {} },
      })
    for (const text of [vector.secret, vector.secret.slice('whsec_'.length)]) {
      await expect(told(`my secret is ${text}`)).rejects.toMatchObject({
        code: 'WEBHOOK_INVALID',
        details: { reason: 'HOLDS_SECRET' },
      })
    }
  })

  test('that cannot be read now are the business of the sender only when the store is away', async () => {
    const stage = await setWebhookStage()
    const failing = (code: 'STORE_UNAVAILABLE' | 'CREDENTIAL_UNREADABLE') =>
      stage.another({
        credentials: {
          ...stage.credentials,
          read: async () => {
            throw new SyncError(code, 'no')
          },
        },
      })
    const receive = (code: 'STORE_UNAVAILABLE' | 'CREDENTIAL_UNREADABLE') =>
      failing(code).webhooks.receive(signed({ body }))
    await expect(receive('STORE_UNAVAILABLE')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(receive('CREDENTIAL_UNREADABLE')).rejects.toMatchObject({ code: 'WEBHOOK_UNVERIFIED' })
  })
})
