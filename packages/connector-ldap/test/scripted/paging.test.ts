import { describe, expect, it } from 'vitest'
import { listWith } from '../list-with.ts'
import { afterBind, type Responder, type Script, scriptedServer } from './ldap-responder.ts'

const clear = { startTls: false }

const person = (responder: Responder, id: number, number: number): void =>
  responder.entry(id, `uid=u${number},dc=example,dc=com`, {
    entryUUID: [`id-${number}`],
    cn: [`Person ${number}`],
  })

/** Pages by cookie: '' → 'a' → 'b' → end, with two people, nobody and one person. */
const threePages: Script = (asked, responder) => {
  if (asked.kind !== 'search') return
  if (asked.cookie === '') {
    person(responder, asked.id, 1)
    person(responder, asked.id, 2)
    responder.result(asked.id, { cookie: 'a' })
  } else if (asked.cookie === 'a') responder.result(asked.id, { cookie: 'b' })
  else {
    person(responder, asked.id, 3)
    responder.result(asked.id, { cookie: '' })
  }
}

describe('paged results', () => {
  it('goes on after an empty page that has a cookie', async () => {
    await using server = await scriptedServer(afterBind(threePages))
    const lister = listWith({ url: server.url, ...clear })
    const first = await lister.page()
    const second = await lister.page({ cursor: first.nextCursor })
    const third = await lister.page({ cursor: second.nextCursor })
    expect(first.resources.map(({ externalId }) => externalId)).toEqual(['id-1', 'id-2'])
    expect(second).toMatchObject({ resources: [] })
    expect(second.nextCursor).toBeDefined()
    expect(third.resources.map(({ externalId }) => externalId)).toEqual(['id-3'])
    expect(third.nextCursor).toBeUndefined()
    expect(server.connections).toBe(1)
    await server.deserted()
  })

  it('refuses a full page without the paged results control: whether more follows cannot be known', async () => {
    await using server = await scriptedServer(
      afterBind((asked, responder) => {
        if (asked.kind !== 'search') return
        person(responder, asked.id, 1)
        person(responder, asked.id, 2)
        responder.result(asked.id)
      }),
    )
    await expect(listWith({ url: server.url, ...clear }).page()).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      message: expect.stringContaining('without the paged results control'),
    })
  })

  it('never sends a cookie on another connection than its own: the listing begins again', async () => {
    let connection = 0
    const cookies: unknown[] = []
    await using server = await scriptedServer((asked, responder) => {
      if (asked.kind === 'bind') connection += 1
      if (asked.kind === 'search') cookies.push([connection, asked.cookie])
      afterBind(threePages)(asked, responder)
      if (asked.kind === 'search' && connection === 1) responder.hangUp()
    })
    const lister = listWith({ url: server.url, ...clear })
    const first = await lister.page()
    // The first try may be what finds out that the connection is gone.
    const request = { cursor: first.nextCursor }
    const again = await lister.page(request).catch(() => lister.page(request))
    expect(again.resources).toEqual(first.resources)
    expect(again.nextCursor).not.toBe(first.nextCursor)
    const second = await lister.page({ cursor: again.nextCursor })
    await lister.page({ cursor: second.nextCursor })
    expect(cookies).toEqual([
      [1, ''],
      [2, ''],
      [2, 'a'],
      [2, 'b'],
    ])
    expect(lister.warnings).toEqual([expect.stringContaining('begins again')])
  })

  it.each([2, 12, 53])('tries again when the server forgot the cookie (result %i)', async (status) => {
    let refused = 0
    await using server = await scriptedServer(
      afterBind((asked, responder) => {
        if (asked.kind === 'search' && asked.cookie === 'a' && refused++ === 0) {
          responder.result(asked.id, { status, message: 'paged results cookie is invalid' })
        } else threePages(asked, responder)
      }),
    )
    const lister = listWith({ url: server.url, ...clear })
    const { nextCursor: cursor } = await lister.page()
    await expect(lister.page({ cursor })).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    await expect(lister.page({ cursor })).resolves.toMatchObject({
      resources: [{ externalId: 'id-1' }, { externalId: 'id-2' }],
    })
  })

  it('ends with DELTA_EXPIRED when a listing began again too often', async () => {
    await using server = await scriptedServer(afterBind(threePages))
    const config = { url: server.url, ...clear, maxRestarts: 1 }
    const first = await listWith(config).page()
    const second = await listWith(config).page({ cursor: first.nextCursor })
    await expect(listWith(config).page({ cursor: second.nextCursor })).rejects.toMatchObject({
      code: 'DELTA_EXPIRED',
    })
    await expect(listWith(config).page({ cursor: 'of another release' })).rejects.toMatchObject({
      code: 'DELTA_EXPIRED',
    })
  })

  it('begins again where a page is asked for twice', async () => {
    await using server = await scriptedServer(afterBind(threePages))
    const lister = listWith({ url: server.url, ...clear })
    const { nextCursor: cursor } = await lister.page()
    await lister.page({ cursor })
    await expect(lister.page({ cursor })).resolves.toMatchObject({ resources: [{ externalId: 'id-1' }, {}] })
  })

  it('closes a connection that waits longer than idleMs for the next page', async () => {
    await using server = await scriptedServer(afterBind(threePages))
    const lister = listWith({ url: server.url, ...clear, idleMs: 20 })
    const first = await lister.page()
    await server.deserted()
    await expect(lister.page({ cursor: first.nextCursor })).resolves.toMatchObject({
      resources: first.resources,
    })
  })
})

describe('parts on other servers', () => {
  const referring =
    (...urls: readonly string[]): Script =>
    (asked, responder) => {
      if (asked.kind !== 'search') return
      person(responder, asked.id, 1)
      for (const url of urls) responder.reference(asked.id, url)
      responder.result(asked.id, { cookie: '' })
    }

  it('are refused by default, with their URLs', async () => {
    await using server = await scriptedServer(
      afterBind(referring('ldap://other.example/ou=x,dc=example,dc=com')),
    )
    await expect(listWith({ url: server.url, ...clear }).page()).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      details: { count: 1, references: ['ldap://other.example/ou=x,dc=example,dc=com'] },
    })
  })

  it('are left out with a warning where the config ignores them', async () => {
    await using server = await scriptedServer(
      afterBind(referring('ldap://other.example/ou=x,dc=example,dc=com')),
    )
    const lister = listWith({ url: server.url, ...clear, referrals: 'ignore' })
    expect((await lister.page()).resources).toHaveLength(1)
    expect(lister.warnings).toEqual([expect.stringContaining('on other servers')])
    expect(server.connections).toBe(1)
  })

  it('do not count when they are the partitions every Active Directory domain has', async () => {
    const urls = [
      'ldap://ForestDnsZones.example.com/DC=ForestDnsZones,DC=example,DC=com',
      'ldap://DomainDnsZones.example.com/DC=DomainDnsZones,DC=example,DC=com',
      'ldap://example.com/CN=Configuration,DC=example,DC=com',
    ]
    await using server = await scriptedServer(afterBind(referring(...urls)))
    const lister = listWith({ url: server.url, ...clear })
    expect((await lister.page()).resources).toHaveLength(1)
    expect(lister.warnings).toEqual([])
  })
})
