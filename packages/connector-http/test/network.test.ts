import { BlockList } from 'node:net'
import { apiKey, bearer, type Lookup } from '@syncline/connector-http'
import { afterEach, describe, expect, test } from 'vitest'
import { addressPolicy } from '../src/transport/address-policy.ts'
import { callerOf, users } from './call.ts'
import { type Answer, serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
const start = async (answer: Answer): Promise<TestServer> => {
  const server = await serve(answer)
  servers.push(server)
  return server
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const keys = { token: 'secret-token', apiKey: 'secret-key' }

describe('addresses that are not public are denied unless the host allows them', () => {
  const denied = [
    '127.0.0.1',
    '127.8.9.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '192.0.2.4',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '::127.0.0.1',
    '2001:db8::1',
    'not an address',
    '',
  ]
  test.each(denied)('%s is denied', (address) => {
    expect(addressPolicy([]).allows(address)).toBe(false)
  })
  test.each(['93.184.216.34', '172.32.0.1', '2606:4700::1111', '::ffff:93.184.216.34'])(
    '%s is public',
    (address) => {
      expect(addressPolicy([]).allows(address)).toBe(true)
    },
  )
  test.each([
    ['10.20.0.0/16', '10.20.3.4', true],
    ['10.20.0.0/16', '::ffff:10.20.3.4', true],
    ['10.20.0.0/16', '10.21.3.4', false],
    ['fd00::/8', 'fd12::1', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
  ])('with %s allowed, %s: %s', (network, address, allows) => {
    expect(addressPolicy([network]).allows(address)).toBe(allows)
  })
  test.each(['10.0.0.0/33', '10.0.0/8', 'localhost', '10.0.0.0/', '10.0.0.0/8/8', ''])(
    'allowedNetworks refuses %j with OPTIONS_INVALID',
    (network) => {
      expect(() => addressPolicy([network])).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
    },
  )

  const forms = (port: string): string[] => [
    `http://127.0.0.1:${port}`,
    `http://localhost:${port}`,

    `http://2130706433:${port}`,
    `http://0x7f.1:${port}`,
    `http://0177.0.0.1:${port}`,
    `http://127.1:${port}`,
    `http://[::ffff:7f00:1]:${port}`,
    `http://[::1]:${port}`,
    `http://0:${port}`,
    `http://１２７.0.0.1:${port}`,
  ]
  test('no way of writing an internal address reaches it, and no header is seen there', async () => {
    const internal = await start(() => users(1))
    for (const baseUrl of forms(new URL(internal.url).port)) {
      const caller = callerOf({
        baseUrl,
        values: keys,
        definition: { authenticator: bearer() },
        context: { allowedNetworks: [] },
      })
      await expect(caller.list()).rejects.toMatchObject({ code: 'ADDRESS_DENIED' })
    }
    expect(internal.seen).toEqual([])
    // The trap was set: the same server answers where the host allows it.
    const allowed = callerOf({ baseUrl: internal.url })
    await expect(allowed.list()).resolves.toMatchObject({ resources: [{ externalId: 'u1' }] })
  })

  test('a name that changes its address after the check is refused: the address connected to is the one checked', async () => {
    const internal = await start(() => users(1))
    const { port } = new URL(internal.url)
    let asked = 0
    // What a rebinding server does: harmless to whoever asks first, internal to whoever connects.
    const lookup: Lookup = (_, __, callback) => {
      asked += 1
      callback(null, [{ address: asked === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }])
    }
    const caller = callerOf({
      baseUrl: `http://rebind.example:${port}`,
      definition: { lookup, authenticator: bearer() },
      values: keys,
      context: { allowedNetworks: ['127.0.0.2'] },
    })
    await expect(caller.list()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    await expect(caller.list()).rejects.toMatchObject({ code: 'ADDRESS_DENIED' })
    expect(asked).toBe(2)
    expect(internal.seen).toEqual([])
  })

  test('a name with a public and an internal address is refused', async () => {
    const internal = await start(() => users(1))
    const lookup: Lookup = (_, __, callback) =>
      callback(null, [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    const caller = callerOf({
      baseUrl: internal.url.replace('127.0.0.1', 'both.example'),
      definition: { lookup },
      context: { allowedNetworks: [] },
    })
    await expect(caller.list()).rejects.toMatchObject({
      code: 'ADDRESS_DENIED',
      details: { host: 'both.example' },
    })
    expect(internal.seen).toEqual([])
  })
})

describe('requests never leave the origin of the base URL', () => {
  const cases = [301, 302, 303, 307, 308].flatMap((status) =>
    ['other port', 'other host', 'other scheme', 'protocol-relative', 'credentials in it'].map((target) => ({
      status,
      target,
    })),
  )
  test.each(cases)(
    'a $status to $target is refused, and no key header is seen there',
    async ({ status, target }) => {
      const other = await start(() => users(1))
      const { port } = new URL(other.url)
      const places: Record<string, (own: string) => string> = {
        'other port': () => `${other.url}/users`,
        'other host': () => `http://localhost:${port}/users`,
        'other scheme': (own) => `${own.replace('http:', 'https:')}/users`,
        'protocol-relative': () => `//127.0.0.1:${port}/users`,
        'credentials in it': (own) => `${own.replace('http://', 'http://a:b@')}/users`,
      }
      const upstream = await start(({ headers }, response) => {
        response.writeHead(status, { location: places[target]?.(`http://${headers.host}`) }).end()
      })
      const caller = callerOf({
        baseUrl: upstream.url,
        values: keys,
        definition: { authenticator: apiKey({ header: 'x-api-key' }) },
      })
      await expect(caller.list()).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED' })
      expect(upstream.seen).toHaveLength(1)
      expect(upstream.seen[0]?.headers['x-api-key']).toBe('secret-key')
      expect(other.seen).toEqual([])
    },
  )

  test('redirects within the origin are followed, at most three times', async () => {
    const upstream = await start(({ url }, response) => {
      const left = Number(url.searchParams.get('left') ?? 3)
      if (left === 0) return users(1)
      return void response.writeHead(302, { location: `/users?left=${left - 1}` }).end()
    })
    const caller = callerOf({ baseUrl: upstream.url, values: keys, definition: { authenticator: bearer() } })
    await expect(caller.list()).resolves.toMatchObject({ resources: [{ externalId: 'u1' }] })
    expect(upstream.seen.map(({ headers }) => headers.authorization)).toEqual(
      Array(4).fill('Bearer secret-token'),
    )

    const loop = await start((_, response) => void response.writeHead(302, { location: '/users' }).end())
    await expect(callerOf({ baseUrl: loop.url }).list()).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED' })
    expect(loop.seen).toHaveLength(4)
  })

  test('a POST is not turned into a GET by a redirect', async () => {
    const upstream = await start((_, response) => void response.writeHead(302, { location: '/x' }).end())
    const caller = callerOf({ baseUrl: upstream.url, stream: { request: { method: 'POST', json: {} } } })
    await expect(caller.list()).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED' })
    expect(upstream.seen).toHaveLength(1)
  })

  test('a base URL with a user name and password is refused', async () => {
    const caller = callerOf({ baseUrl: 'http://user:pass@127.0.0.1:1' })
    await expect(caller.list()).rejects.toMatchObject({ code: 'CONNECTOR_CONFIG_INVALID' })
  })
})

test('BlockList knows mapped addresses: what the address policy rests on', () => {
  const list = new BlockList()
  list.addSubnet('10.0.0.0', 8, 'ipv4')
  expect(list.check('::ffff:10.0.0.1', 'ipv6')).toBe(true)
})
