import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { addressPolicy } from '../../src/connection/address-policy.ts'
import { listWith } from '../list-with.ts'
import { afterBind, scriptedServer } from './ldap-responder.ts'

const errorOf = async (url: string, allowedNetworks: readonly string[] = []): Promise<unknown> =>
  listWith({ url, startTls: false }, undefined, { allowedNetworks })
    .page()
    .catch((error: unknown) => error)

describe('the address of the server', () => {
  const opened: { close(): void }[] = []
  afterEach(() => {
    for (const server of opened.splice(0)) server.close()
  })

  it('is not connected to when it is loopback and not allowed, and the error is the same for any port', async () => {
    let connections = 0
    await using directory = await scriptedServer(afterBind((asked, responder) => responder.result(asked.id)))
    const other = createServer(() => (connections += 1)).listen(0, '127.0.0.1')
    opened.push(other)
    await new Promise((resolve) => other.once('listening', resolve))
    const address = other.address()
    const open = typeof address === 'object' && address !== null ? address.port : 0
    const errors = await Promise.all(
      [directory.url, `ldap://127.0.0.1:${open}`, 'ldap://127.0.0.1:1', `ldaps://127.0.0.1:${open}`].map(
        (url) => errorOf(url),
      ),
    )
    expect(new Set(errors.map(String)).size).toBe(1)
    expect(errors[0]).toMatchObject({ code: 'ADDRESS_DENIED', details: { host: '127.0.0.1' } })
    expect([connections, directory.connections]).toEqual([0, 0])
  })

  it.each([
    'localhost',
    '2130706433',
    '127.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '[::]',
    '169.254.169.254',
  ])('is checked however it is spelled: %s', async (host) => {
    expect(await errorOf(`ldap://${host}:1`)).toMatchObject({ code: 'ADDRESS_DENIED' })
  })

  it('is connected to when its network is allowed', async () => {
    await using server = await scriptedServer(
      afterBind((asked, responder) => responder.result(asked.id, { cookie: '' })),
    )
    const { port } = new URL(server.url)
    for (const host of ['127.0.0.1', 'localhost']) {
      const lister = listWith({ url: `ldap://${host}:${port}`, startTls: false }, undefined, {
        allowedNetworks: ['127.0.0.0/8', '::1'],
      })
      await expect(lister.page()).resolves.toMatchObject({ resources: [] })
    }
  })

  it('is refused with OPTIONS_INVALID when allowedNetworks holds no network', async () => {
    expect(await errorOf('ldap://127.0.0.1:1', ['loopback'])).toMatchObject({ code: 'OPTIONS_INVALID' })
  })

  it('may be private, unless the connector type was created without private networks', async () => {
    const open = addressPolicy({ allowedNetworks: [], allowPrivateNetworks: true })
    const closed = addressPolicy({ allowedNetworks: ['10.20.0.0/16'], allowPrivateNetworks: false })
    const addresses = ['10.20.3.4', '10.21.3.4', '192.168.1.1', 'fd12::1', '93.184.216.34', '2606:2800::1']
    expect(addresses.map((address) => open.allows(address))).toEqual([true, true, true, true, true, true])
    expect(addresses.map((address) => closed.allows(address))).toEqual([
      true,
      false,
      false,
      false,
      true,
      true,
    ])
    const lister = listWith({ url: 'ldap://10.21.3.4:1', startTls: false }, undefined, {
      allowPrivateNetworks: false,
    })
    await expect(lister.page()).rejects.toMatchObject({ code: 'ADDRESS_DENIED' })
  })

  it.each([
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '::127.0.0.1',
    '2002:7f00:1::',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '168.63.129.16',
    'ff02::1',
  ])('is denied where it leads to the machine itself or its metadata: %s', (address) => {
    expect(addressPolicy({ allowedNetworks: [], allowPrivateNetworks: true }).allows(address)).toBe(false)
  })
})

describe('text that is sent to the server', () => {
  it.each([
    ['bindDn', { bindDn: 'x\r\nSELECT 6\r\nSET a b\r\n', password: 'p' }],
    ['password', { bindDn: 'cn=reader', password: 'p\r\nFLUSHALL\r\n' }],
    ['password', { bindDn: 'cn=reader', password: 'from-a-file\n' }],
  ])('has no control characters: the %s of the credential', async (name, values) => {
    await using server = await scriptedServer(() => undefined)
    const listed = listWith({ url: server.url, startTls: false }, values).page()
    await expect(listed).rejects.toMatchObject({
      code: 'CREDENTIAL_INVALID',
      message: expect.stringContaining(name),
    })
    await expect(listed).rejects.not.toThrow(/FLUSHALL|from-a-file|SELECT/)
    expect(server.connections).toBe(0)
  })
})
