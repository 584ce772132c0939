import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import { postgresStore } from '@syncline/adapter-postgres'
import type { Store } from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { fakeClock } from '@syncline/testing'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { type ServedApi, serveApi } from './serve-api.ts'

/** The vector that the Standard Webhooks libraries publish. */
const vector = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  time: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const otherSecret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
const event = JSON.stringify({ action: 'deleted', resourceType: 'user', resourceId: '1' })
const unverified = [401, 'WEBHOOK_UNVERIFIED'] as const

const served: ServedApi[] = []
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const api of served.splice(0)) await api.close()
  for (const close of closers.splice(0)) await close()
})

const credentials = memoryCredentialStore()

/** A host at the time of the vector, with its secret. */
async function serve(store: Store = memoryStore()): Promise<ServedApi> {
  const clock = fakeClock({ auto: true, start: new Date(vector.time * 1_000) })
  const api = await serveApi({ store, work: false, syncline: { clock, credentials } })
  served.push(api)
  await api.syncline.webhooks.setSecret({ connectorId: 'acme', secret: vector.secret })
  return api
}

interface Message {
  readonly connectorId?: string
  readonly id?: string
  readonly time?: number | string
  readonly secret?: string
  readonly body?: string | Uint8Array
  /** In place of those that are signed; a list is sent as that many headers. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
}

function signatureOf({ id = vector.id, time = vector.time, secret = vector.secret, body = event }: Message) {
  const hmac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
  return `v1,${hmac.update(`${id}.${time}.`).update(body).digest('base64')}`
}

/** Sends bytes and headers as they are, which fetch would put in order. */
function post({ url }: ServedApi, message: Message = {}): Promise<readonly [number, string]> {
  const { connectorId = 'acme', id = vector.id, time = vector.time, body = event, headers } = message
  const all: Message['headers'] = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(time),
    'webhook-signature': signatureOf(message),
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value = []]) =>
    [value].flat().flatMap((each) => [name, each]),
  )
  const { host } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/api/webhooks/${connectorId}`,
      {
        method: 'POST',
        headers: ['host', host, 'content-length', String(Buffer.byteLength(body)), ...lines],
      },
      async (response) => {
        const text = (await response.setEncoding('utf8').toArray()).join('')
        const { code, status } = text.startsWith('{') ? JSON.parse(text) : {}
        resolve([response.statusCode ?? 0, code ?? status])
      },
    )
    sent.once('error', reject)
    sent.end(body)
  })
}

const signed = signatureOf({})
const withHeader = (name: string, value: string | readonly string[] | undefined): Message => ({
  headers: { [`webhook-${name}`]: value },
})

test('the published vector answers 200', async () => {
  const { body, signature } = vector
  expect(await post(await serve(), { body, ...withHeader('signature', signature) })).toEqual([
    200,
    'forwarded',
  ])
})

test.each<[string, Message]>([
  ['a valid message', {}],
  ['four signatures, one of them good', withHeader('signature', `v1,a v1,b ${signed} v1,c`)],
  ['a time 300 seconds ago', { time: vector.time - 300 }],
  ['a time 300 seconds ahead', { time: vector.time + 300 }],
])('%s answers 200', async (_name, message) => {
  expect(await post(await serve(), message)).toEqual([200, 'unchanged'])
})

test.each<[string, Message]>([
  ['no webhook-id', withHeader('id', undefined)],
  ['no webhook-timestamp', withHeader('timestamp', undefined)],
  ['no webhook-signature', withHeader('signature', undefined)],
  ['an empty secret', { connectorId: 'other', secret: 'whsec_' }],
  ['an unknown connector', { connectorId: 'unknown' }],
  ['another secret', { secret: otherSecret }],
  ['signatures of another version only', withHeader('signature', `v1a,${signed.slice(3)}`)],
  ['a version and no comma', withHeader('signature', `v1${signed.slice(3)}`)],
  ['a truncated signature', withHeader('signature', signed.slice(0, -2))],
  ['hex for Base64', withHeader('signature', `v1,${Buffer.from(signed.slice(3), 'base64').toString('hex')}`)],
  ['a time 301 seconds ago', { time: vector.time - 301 }],
  ['a time 301 seconds ahead', { time: vector.time + 301 }],
  ['letters after the time', { time: `${vector.time}abc` }],
  ['a fraction in the time', { time: `${vector.time}.9` }],
  ['a sign before the time', { time: `+${vector.time}` }],
  ['webhook-id twice', withHeader('id', [vector.id, vector.id])],
  ['webhook-timestamp twice', withHeader('timestamp', [`${vector.time}`, `${vector.time}`])],
  ['webhook-signature twice', withHeader('signature', [signed, signed])],
  ['a space more in the body', { body: `${event} `, ...withHeader('signature', signed) }],
  ['seventeen signatures', withHeader('signature', `${'v1,a '.repeat(16)}${signed}`)],
])('%s answers 401 and changes nothing', async (_name, message) => {
  const api = await serve()
  await api.syncline.sync({ connectorId: 'acme', resourceType: 'user' })
  expect(await post(api, message)).toEqual(unverified)
  expect((await api.syncline.resources.list({ connectorId: 'acme', stale: true })).total).toBe(0)
  expect(await post(api)).toEqual([200, 'applied'])
})

test('100,000 signatures are more than a server reads: 431', async () => {
  const api = await serve()
  const [status] = await post(api, withHeader('signature', `${'v1,a '.repeat(99_999)}${signed}`))
  expect(status).toBe(431)
})

test('two bodies that decode to the same text have signatures of their own', async () => {
  const api = await serve()
  const [one, other] = [0xff, 0xfe].map((byte) =>
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([byte]), Buffer.from('"}')]),
  )
  const taken = { body: one ?? '' }
  expect(await post(api, { body: other ?? '', ...withHeader('signature', signatureOf(taken)) })).toEqual(
    unverified,
  )
  expect((await post(api, taken))[0]).not.toBe(401)
})

test('a body of 256 KiB is read, one of a byte more answers 413', async () => {
  const api = await serve()
  const sized = (bytes: number) => ({ body: event.padEnd(bytes, ' ') })
  expect(await post(api, sized(262_144))).toEqual([200, 'unchanged'])
  expect((await post(api, sized(262_145)))[0]).toBe(413)
})

test('while a secret is kept beside the new one both answer 200, then the old one 401', async () => {
  const api = await serve()
  const { webhooks } = api.syncline
  await webhooks.setSecret({ connectorId: 'acme', secret: otherSecret, keepPreviousFor: '1h' })
  for (const [number, secret] of [vector.secret, otherSecret].entries()) {
    expect(await post(api, { id: `both-${number}`, secret })).toEqual([200, 'unchanged'])
  }
  await webhooks.setSecret({ connectorId: 'acme', secret: vector.secret })
  expect(await post(api, { id: 'old', secret: otherSecret })).toEqual(unverified)
  expect(await post(api, { id: 'new' })).toEqual([200, 'unchanged'])
})

describe.skipIf(!serverIsAvailable())('a message that comes again', () => {
  async function openDatabase(): Promise<{ readonly database: Database; readonly open: () => Store }> {
    const database = await emptyServerDatabase({ migrated: true })
    closers.push(() => database.drop())
    const open = (): Store => {
      const pool = new pg.Pool({ connectionString: database.url, max: 2 })
      closers.unshift(() => pool.end())
      return postgresStore({ pool })
    }
    return { database, open }
  }

  test('answers 200 within the tolerance and after a restart, with one effect', async () => {
    const { open } = await openDatabase()
    const first = await serve(open())
    await first.syncline.sync({ connectorId: 'acme', resourceType: 'user' })
    expect(await post(first)).toEqual([200, 'applied'])
    expect(await post(first)).toEqual([200, 'repeated'])
    const restarted = await serve(open())
    expect(await post(restarted)).toEqual([200, 'repeated'])
  })

  test('at two hosts at once answers 200 both times, with one effect, 50 times', async () => {
    const { open } = await openDatabase()
    const hosts = [await serve(open()), await serve(open())]
    await hosts[0]?.syncline.sync({ connectorId: 'acme', resourceType: 'user' })
    for (let round = 0; round < 50; round++) {
      const action = round % 2 === 0 ? 'deleted' : 'created'
      const body = JSON.stringify({
        action,
        resourceType: 'user',
        resourceId: '1',
        data: { displayName: 'Ada', attributes: {} },
      })
      const answers = await Promise.all(hosts.map((host) => post(host, { id: `m-${round}`, body })))
      expect(answers.map(([status]) => status)).toEqual([200, 200])
      expect(answers.map(([, what]) => what).toSorted()).toEqual(['applied', 'repeated'])
    }
  })
})
