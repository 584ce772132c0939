import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificates } from '../../../../test-support/ldap/test-certificates.ts'
import { listWith } from '../list-with.ts'
import { afterBind, operations, type Script, scriptedServer } from './ldap-responder.ts'

const clear = { startTls: false }
const nothingFound: Script = (asked, responder) => {
  if (asked.kind === 'search') responder.result(asked.id, { cookie: '' })
}

describe('a connection', () => {
  it('is bound as the credential says', async () => {
    await using server = await scriptedServer(afterBind(nothingFound))
    await listWith({ url: server.url, ...clear }).page()
    expect(server.asked[0]).toMatchObject({
      kind: 'bind',
      dn: 'cn=reader,dc=example,dc=com',
      password: 'reader-password',
    })
  })

  it.each([
    ['without a password', { bindDn: 'cn=reader,dc=example,dc=com' }],
    ['with an empty password', { bindDn: 'cn=reader,dc=example,dc=com', password: '' }],
    ['without a bind DN', { password: 'reader-password' }],
  ])('is not made %s: the server would let nobody in, and call it success', async (_, values) => {
    await using server = await scriptedServer(afterBind(nothingFound))
    await expect(listWith({ url: server.url, ...clear }, values).page()).rejects.toMatchObject({
      code: 'CREDENTIAL_INVALID',
    })
    expect(server.asked).toEqual([])
  })

  it('takes the bind DN from the config where the credential has none', async () => {
    await using server = await scriptedServer(afterBind(nothingFound))
    const bindDn = 'reader@example.com'
    await listWith({ url: server.url, ...clear, bindDn }, { password: 'reader-password' }).page()
    expect(server.asked[0]).toMatchObject({ kind: 'bind', dn: bindDn })
  })

  it('binds nobody where the config is anonymous', async () => {
    await using server = await scriptedServer(nothingFound)
    await listWith({ url: server.url, ...clear, anonymous: true }).page()
    expect(server.asked.map(({ kind }) => kind)).not.toContain('bind')
  })

  it('fails as transient when the server is silent for timeoutMs', async () => {
    await using server = await scriptedServer(afterBind(() => undefined))
    await expect(listWith({ url: server.url, ...clear, timeoutMs: 40 }).page()).rejects.toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
    })
    await server.deserted()
  })

  it('ends with the reason of the signal, at once', async () => {
    const ending = new AbortController()
    await using server = await scriptedServer(afterBind(() => ending.abort(new Error('enough'))))
    const lister = listWith({ url: server.url, ...clear })
    await expect(lister.page({ signal: ending.signal })).rejects.toThrow('enough')
    await server.deserted()
    await expect(lister.page({ signal: ending.signal })).rejects.toThrow('enough')
    expect(server.connections).toBe(1)
  })

  it('refuses an answer larger than maxAnswerBytes', async () => {
    await using server = await scriptedServer(
      afterBind((asked, responder) => {
        for (let entry = 0; entry < 50; entry++) {
          responder.entry(asked.id, `uid=u${entry},dc=example,dc=com`, { description: ['x'.repeat(1_000)] })
        }
      }),
    )
    const lister = listWith({ url: server.url, ...clear, maxAnswerBytes: 20_000 })
    await expect(lister.page()).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      message: expect.stringContaining('20000 bytes'),
    })
  })

  it('fails at once where it was closed before it is used again, and is never made anew unbound', async () => {
    let binds = 0
    await using server = await scriptedServer((asked, responder) => {
      if (asked.kind === 'bind') {
        binds += 1
        responder.result(asked.id, { op: operations.bindResponse })
        // The second one is for look-ups: it goes while the first is still searching.
        if (binds === 2) responder.hangUp()
      } else if (asked.kind === 'search') {
        // A slow server: its answer comes after the other connection's end, which nothing announces to it.
        setTimeout(() => {
          responder.entry(asked.id, 'cn=g,dc=example,dc=com', {
            entryUUID: ['g'],
            cn: ['g'],
            member: ['uid=u,dc=example,dc=com'],
          })
          responder.result(asked.id, { cookie: '' })
        }, 20)
      }
    })
    await expect(listWith({ url: server.url, ...clear }).page({}, 'group')).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    })
    expect(server.connections).toBe(2)
  })

  it('counts bytes by the answer, not over its life', async () => {
    await using server = await scriptedServer(
      afterBind((asked, responder) => {
        if (asked.kind !== 'search') return
        responder.entry(asked.id, 'uid=u,dc=example,dc=com', { entryUUID: ['1'], cn: ['x'.repeat(1_000)] })
        responder.result(asked.id, { cookie: 'more' })
      }),
    )
    const lister = listWith({ url: server.url, ...clear, maxAnswerBytes: 2_000 })
    let cursor: string | undefined
    for (let page = 0; page < 5; page++) cursor = (await lister.page({ cursor })).nextCursor
    expect(server.connections).toBe(1)
  })

  it.each([
    ['what is no LDAP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'CONNECTOR_ANSWER_INVALID'],
    ['a message of another shape', Buffer.from('30050401416100', 'hex'), 'CONNECTOR_ANSWER_INVALID'],
    ['a message that ends in its middle', Buffer.from('300c020101', 'hex'), 'UPSTREAM_UNAVAILABLE'],
  ])('does not take %s for an answer', async (_, bytes, code) => {
    await using server = await scriptedServer((__, responder) => {
      responder.raw(bytes)
      responder.hangUp()
    })
    await expect(listWith({ url: server.url, ...clear }).page()).rejects.toMatchObject({ code })
  })

  it.each([
    [52, 'UPSTREAM_UNAVAILABLE'],
    [8, 'CONNECTOR_CONFIG_INVALID'],
  ])('reads the notice of disconnection (result %i)', async (status, code) => {
    await using server = await scriptedServer(
      afterBind((_, responder) => {
        responder.result(0, { op: operations.extendedResponse, status })
        responder.hangUp()
      }),
    )
    await expect(listWith({ url: server.url, ...clear }).page()).rejects.toMatchObject({ code })
  })

  it.each([
    [3, 'UPSTREAM_TIMEOUT'],
    [4, 'UPSTREAM_REJECTED'],
    [8, 'CONNECTOR_CONFIG_INVALID'],
    [10, 'UPSTREAM_REJECTED'],
    [11, 'UPSTREAM_REJECTED'],
    [13, 'CONNECTOR_CONFIG_INVALID'],
    [32, 'UPSTREAM_REJECTED'],
    [49, 'UNAUTHORIZED'],
    [50, 'UPSTREAM_REJECTED'],
    [51, 'UPSTREAM_UNAVAILABLE'],
    [52, 'UPSTREAM_UNAVAILABLE'],
    [80, 'UPSTREAM_REJECTED'],
  ])('answers result %i of a search with %s, entries sent before it or not', async (status, code) => {
    await using server = await scriptedServer(
      afterBind((asked, responder) => {
        responder.entry(asked.id, 'uid=u,dc=example,dc=com', { entryUUID: ['1'], cn: ['x'] })
        responder.result(asked.id, { status, message: 'why' })
      }),
    )
    await expect(listWith({ url: server.url, ...clear }).page()).rejects.toMatchObject({
      code,
      details: { resultCode: status },
    })
  })

  it('knows what Active Directory says to a search before a bind', async () => {
    const message =
      '000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be completed on the connection., data 0, v4563\0'
    await using server = await scriptedServer(
      afterBind((asked, responder) => responder.result(asked.id, { status: 1, message })),
    )
    await expect(listWith({ url: server.url, ...clear }).page()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
  })
})

describe('StartTLS', () => {
  let folder: string
  let tls: { readonly key: Buffer; readonly cert: Buffer }
  let ca: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'syncline-tls-'))
    const { authority, certificate, key } = makeCertificates(folder)
    tls = { key: readFileSync(key), cert: readFileSync(certificate) }
    ca = readFileSync(authority, 'utf8')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each([2, 52, 80])('that is refused (result %i) fails closed: no bind is sent', async (status) => {
    await using server = await scriptedServer((asked, responder) =>
      responder.result(asked.id, { op: operations.extendedResponse, status }),
    )
    await expect(listWith({ url: server.url, ca }).page()).rejects.toMatchObject({
      code: status === 52 ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_REJECTED',
    })
    await server.deserted()
    expect(server.asked.map(({ kind }) => kind)).toEqual(['startTls', 'unbind'])
  })

  it('that is promised and not begun fails closed: no bind is sent', async () => {
    await using server = await scriptedServer((asked, responder) =>
      responder.result(asked.id, { op: operations.extendedResponse }),
    )
    await expect(listWith({ url: server.url, ca, timeoutMs: 60 }).page()).rejects.toMatchObject({
      code: expect.stringMatching(/^UPSTREAM_/),
    })
    expect(server.asked.map(({ kind }) => kind)).toEqual(['startTls'])
  })

  it('does not read what was sent in the clear as an answer to what is asked encrypted', async () => {
    await using server = await scriptedServer((asked, responder) => {
      if (asked.kind === 'startTls') {
        responder.result(asked.id, { op: operations.extendedResponse })
        // Someone between adds a successful answer to the bind that is to come. The first byte of any message
        // would complete it.
        responder.raw(Buffer.from('300d02010161080a010004000401', 'hex'))
        responder.upgrade(tls)
      } else if (asked.kind === 'bind') {
        responder.result(asked.id, { op: operations.bindResponse, status: 49 })
      }
    })
    await expect(listWith({ url: server.url, ca }).page()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(server.asked.map(({ kind }) => kind).slice(0, 2)).toEqual(['startTls', 'bind'])
  })
})
