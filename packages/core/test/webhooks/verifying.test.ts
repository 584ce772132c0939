import { isSyncError, type ReceivedWebhook } from '@syncline/core'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  connectorId,
  setWebhookStage,
  signatureOf,
  signed,
  vector,
  type WebhookStage,
} from './webhook-stage.ts'

const event = {
  action: 'created',
  resourceType: 'user',
  resourceId: 'u1',
  data: { displayName: 'Ada', attributes: {} },
}
const body = JSON.stringify(event)
const good = () => signed({ body })
const withHeaders = (headers: Record<string, string | readonly string[] | undefined>): ReceivedWebhook => {
  const webhook = good()
  return { ...webhook, headers: { ...webhook.headers, ...headers } }
}
const otherSecret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
const signature = signatureOf({ body })
const at = (seconds: number) => signed({ body, time: vector.time + seconds })
const timeWritten = (time: string) => signed({ body, time })

describe('receive verifies by the Standard Webhooks scheme', () => {
  let stage: WebhookStage
  beforeEach(async () => {
    stage = await setWebhookStage()
  })
  const outcomeOf = async (webhook: ReceivedWebhook) => {
    try {
      return (await stage.syncline.webhooks.receive(webhook)).status
    } catch (error) {
      return isSyncError(error) ? error.code : error
    }
  }
  const rows = () => stage.syncline.resources.list({ connectorId })

  test('the published vector', async () => {
    expect(signatureOf({ body: vector.body })).toBe(vector.signature)
    expect(await outcomeOf(signed({ body: vector.body }))).toBe('forwarded')
    expect(
      await outcomeOf({
        connectorId,
        headers: {
          'webhook-id': vector.id,
          'webhook-timestamp': String(vector.time),
          'webhook-signature': vector.signature,
        },
        body: Buffer.from(vector.body),
      }),
    ).toBe('repeated')
  })

  test.each<[string, () => ReceivedWebhook]>([
    ['one good signature', good],
    [
      'four signatures, one of them good',
      () => withHeaders({ 'webhook-signature': `v1,a v1,b ${signature} v1,c` }),
    ],
    [
      'a good signature as the sixteenth',
      () => withHeaders({ 'webhook-signature': `${'v1,a '.repeat(15)}${signature}` }),
    ],
    [
      'a good signature beside one of another version',
      () => withHeaders({ 'webhook-signature': `v1a,x ${signature}` }),
    ],
    ['a time 300 seconds ago', () => at(-300)],
    ['a time 300 seconds to come', () => at(300)],
    [
      'headers in capitals',
      () => {
        const { headers, ...rest } = good()
        const loud = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])
        return { ...rest, headers: Object.fromEntries(loud) }
      },
    ],
    ['a header as a list of one', () => withHeaders({ 'webhook-id': [vector.id] })],
  ])('takes %s', async (_, webhook) => {
    expect(await outcomeOf(webhook())).toBe('applied')
  })

  test.each<[string, () => ReceivedWebhook]>([
    ['without webhook-id', () => withHeaders({ 'webhook-id': undefined })],
    ['without webhook-timestamp', () => withHeaders({ 'webhook-timestamp': undefined })],
    ['without webhook-signature', () => withHeaders({ 'webhook-signature': undefined })],
    ['for an unknown connector', () => ({ ...good(), connectorId: 'unknown' })],
    ['for a connector id that is none', () => ({ ...good(), connectorId: 'a\0b' })],
    ['signed with another secret', () => signed({ body, secret: otherSecret })],
    [
      'with signatures of another version only',
      () => withHeaders({ 'webhook-signature': `v1a,${signature.slice(3)}` }),
    ],
    ['with a version and no comma', () => withHeaders({ 'webhook-signature': `v1${signature.slice(3)}` })],
    ['without a version', () => withHeaders({ 'webhook-signature': signature.slice(3) })],
    ['with a truncated signature', () => withHeaders({ 'webhook-signature': signature.slice(0, -2) })],
    ['with a longer signature', () => withHeaders({ 'webhook-signature': `${signature}A` })],
    ['with an empty signature', () => withHeaders({ 'webhook-signature': 'v1,' })],
    [
      'with hex for Base64',
      () =>
        withHeaders({
          'webhook-signature': `v1,${Buffer.from(signature.slice(3), 'base64').toString('hex')}`,
        }),
    ],
    [
      'with Base64 for URLs',
      () =>
        withHeaders({
          'webhook-signature': signature.replaceAll('+', '-').replaceAll('/', '_').replace('=', ''),
        }),
    ],
    ['301 seconds old', () => at(-301)],
    ['301 seconds early', () => at(301)],
    ['with letters after the time', () => timeWritten(`${vector.time}abc`)],
    ['with a fraction in the time', () => timeWritten(`${vector.time}.9`)],
    ['with a sign before the time', () => timeWritten(`+${vector.time}`)],
    ['with an exponent in the time', () => timeWritten('1614265330e0')],
    ['with a space before the time', () => timeWritten(` ${vector.time}`)],
    ['with an empty time', () => timeWritten('')],
    ['with webhook-id twice', () => withHeaders({ 'webhook-id': [vector.id, vector.id] })],
    [
      'with webhook-timestamp twice',
      () => withHeaders({ 'webhook-timestamp': [String(vector.time), String(vector.time)] }),
    ],
    ['with webhook-signature twice', () => withHeaders({ 'webhook-signature': [signature, signature] })],
    ['with webhook-signature once more in capitals', () => withHeaders({ 'WEBHOOK-SIGNATURE': signature })],
    [
      'with two signatures that a server has joined',
      () => withHeaders({ 'webhook-signature': `${signature}, ${signature}` }),
    ],
    ['with a space more in its body', () => ({ ...good(), body: Buffer.from(`${body} `) })],
    ['with another id', () => withHeaders({ 'webhook-id': 'msg_other' })],
    ['with another time', () => withHeaders({ 'webhook-timestamp': String(vector.time + 1) })],
    [
      'with the good signature as the seventeenth',
      () => withHeaders({ 'webhook-signature': `${'v1,a '.repeat(16)}${signature}` }),
    ],
    [
      'with 100,000 signatures',
      () => withHeaders({ 'webhook-signature': `${'v1,a '.repeat(99_999)}${signature}` }),
    ],
    ['with an id of 256 characters', () => signed({ body, id: 'm'.repeat(256) })],
    ['with a space in its id', () => signed({ body, id: 'msg 1' })],
  ])('refuses a webhook %s', async (_, webhook) => {
    expect(await outcomeOf(webhook())).toBe('WEBHOOK_UNVERIFIED')
    expect((await rows()).data).toEqual([])
    expect(stage.sink.of('webhook.refused')).toHaveLength(1)
  })

  test('two bodies that decode to the same text have signatures of their own', async () => {
    const [one, other] = [0xff, 0xfe].map((byte) =>
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([byte]), Buffer.from('"}')]),
    )
    if (!one || !other) throw new Error('two bodies')
    expect(new TextDecoder().decode(one)).toBe(new TextDecoder().decode(other))
    // It was signed, so what is wrong with it may be said.
    expect(await outcomeOf(signed({ body: one }))).toBe('WEBHOOK_INVALID')
    expect(await outcomeOf({ ...signed({ body: one }), body: other })).toBe('WEBHOOK_UNVERIFIED')
  })

  test('a body of 256 KiB, and none that is longer, whoever signed it', async () => {
    const longest = Buffer.alloc(262_144, 0x20)
    longest.write('{}')
    expect(await outcomeOf(signed({ body: longest }))).toBe('forwarded')
    const longer = Buffer.concat([longest, Buffer.from(' ')])
    expect(await outcomeOf(signed({ id: 'other', body: longer }))).toBe('WEBHOOK_TOO_LARGE')
    expect(await outcomeOf({ ...good(), body: longer })).toBe('WEBHOOK_TOO_LARGE')
  })

  test('the error is the same whatever is wrong, and holds no reason', async () => {
    const errors = []
    for (const webhook of [
      { ...good(), connectorId: 'unknown' },
      withHeaders({ 'webhook-id': undefined }),
      at(900),
    ]) {
      errors.push(await stage.syncline.webhooks.receive(webhook).catch((error: unknown) => error))
    }
    const shown = errors.map((error) =>
      JSON.stringify({
        ...(error as object),
        message: (error as Error).message,
        cause: (error as Error).cause,
      }),
    )
    expect(new Set(shown).size).toBe(1)
    expect(stage.sink.of('webhook.refused').map(({ reason }) => reason)).toEqual([
      'there is no such connector',
      'a header is missing',
      'webhook-timestamp is too far from now',
    ])
  })

  test('without a secret, and without a credential store, every webhook is refused', async () => {
    const unset = await setWebhookStage({ secret: null })
    await expect(unset.syncline.webhooks.receive(good())).rejects.toMatchObject({
      code: 'WEBHOOK_UNVERIFIED',
    })
    const without = unset.another({ credentials: undefined })
    await expect(without.webhooks.receive(good())).rejects.toMatchObject({ code: 'WEBHOOK_UNVERIFIED' })
    await expect(without.webhooks.setSecret({ connectorId })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
    })
    // An empty secret would sign as well as any other.
    await unset.credentials.put(
      { tenantId: 'default', ref: `webhook:${connectorId}` },
      { values: { current: '' } },
    )
    await expect(unset.another().webhooks.receive(signed({ body, secret: 'whsec_' }))).rejects.toMatchObject({
      code: 'WEBHOOK_UNVERIFIED',
    })
    await unset.credentials.put(
      { tenantId: 'default', ref: `webhook:${connectorId}` },
      { values: { current: 'whsec_' } },
    )
    await expect(unset.another().webhooks.receive(signed({ body, secret: 'whsec_' }))).rejects.toMatchObject({
      code: 'WEBHOOK_UNVERIFIED',
    })
  })
})
