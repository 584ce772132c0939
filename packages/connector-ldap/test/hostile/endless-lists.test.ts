import { fakeClock } from '@syncline/testing'
import { describe, expect, it } from 'vitest'
import { listWith } from '../list-with.ts'
import {
  type Asked,
  afterBind,
  type Responder,
  type Script,
  scriptedServer,
} from '../scripted/ldap-responder.ts'

type Search = Extract<Asked, { kind: 'search' }>

const guid = (number: number): Buffer => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32LE(number)
  return bytes
}
const sid = Buffer.from('010500000000000515000000010000000200000003000000f4010000', 'hex')
const activeDirectory = (url: string) =>
  ({ url, startTls: false, directory: 'active-directory', maxMembers: 1_000 }) as const
const searches = (asked: readonly Asked[]): readonly Search[] =>
  asked.filter((one): one is Search => one.kind === 'search')

/** A directory with one group, whose members by primary group come in pages of the script's making. */
const primaryMembers = (onPage: (search: Search, responder: Responder, page: number) => void): Script => {
  let page = 0
  return afterBind((asked, responder) => {
    if (asked.kind !== 'search') return
    if (asked.filter.includes('primarygroupid')) return onPage(asked, responder, (page += 1))
    responder.entry(asked.id, 'CN=G,DC=example,DC=com', {
      objectGUID: [guid(9)],
      cn: ['G'],
      objectSid: [sid],
    })
    responder.result(asked.id, { cookie: '' })
  })
}

describe('a list of members that does not end', () => {
  it('is refused at maxMembers, with what was read until then', async () => {
    const script = primaryMembers(({ id }, responder, page) => {
      for (let index = 0; index < 500; index++) {
        const number = page * 500 + index
        responder.entry(id, `CN=M${number},DC=example,DC=com`, { objectGUID: [guid(number)] })
      }
      responder.result(id, { cookie: 'again' })
    })
    await using server = await scriptedServer(script)
    await expect(listWith(activeDirectory(server.url)).page({}, 'group')).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      details: { option: 'maxMembers' },
    })
    expect(searches(server.asked).filter(({ filter }) => filter.includes('primarygroupid'))).toHaveLength(3)
  })

  it('is refused when a page brings the entries of an earlier one and has a next one', async () => {
    const script = primaryMembers(({ id }, responder) => {
      responder.entry(id, 'CN=M,DC=example,DC=com', { objectGUID: [guid(1)] })
      responder.result(id, { cookie: 'again' })
    })
    await using server = await scriptedServer(script)
    await expect(listWith(activeDirectory(server.url)).page({}, 'group')).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
    })
    expect(searches(server.asked)).toHaveLength(3)
  })

  it('is refused after a hundred empty pages', async () => {
    await using server = await scriptedServer(
      primaryMembers(({ id }, responder) => responder.result(id, { cookie: 'again' })),
    )
    await expect(listWith(activeDirectory(server.url)).page({}, 'group')).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
    })
    expect(searches(server.asked)).toHaveLength(101)
  })

  it('is read where the server sends one cookie with every page, as 389 Directory Server does', async () => {
    const script = primaryMembers(({ id }, responder, page) => {
      responder.entry(id, `CN=M${page},DC=example,DC=com`, { objectGUID: [guid(page)] })
      responder.result(id, { cookie: page < 4 ? '0' : '' })
    })
    await using server = await scriptedServer(script)
    const page = await listWith(activeDirectory(server.url)).page({}, 'group')
    expect(page.resources[0]?.attributes.members).toHaveLength(4)
  })

  it('may be one attribute: more values than maxMembers are refused before any is looked up', async () => {
    const member = Array.from({ length: 20 }, (_, index) => `uid=u${index},dc=example,dc=com`)
    await using server = await scriptedServer(
      afterBind((asked, responder) => {
        responder.entry(asked.id, 'cn=g,dc=example,dc=com', { entryUUID: ['g'], cn: ['g'], member })
        responder.result(asked.id, { cookie: '' })
      }),
    )
    const lister = listWith({ url: server.url, startTls: false, maxMembers: 10 })
    await expect(lister.page({}, 'group')).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      details: { option: 'maxMembers' },
    })
    expect(searches(server.asked)).toHaveLength(1)
  })
})

/** A user whose `tag` values come in parts, as the script makes them. */
const ranged = (onPart: (start: number, search: Search, responder: Responder) => void): Script =>
  afterBind((asked, responder) => {
    if (asked.kind !== 'search') return
    const start = /tag;range=(\d+)-\*/i.exec(asked.attributes.join())?.[1]
    if (start !== undefined) onPart(Number(start), asked, responder)
    else responder.entry(asked.id, 'cn=u', { entryUUID: ['u'], cn: ['u'], 'tag;range=0-0': ['t0'] })
    responder.result(asked.id, start === undefined ? { cookie: '' } : {})
  })
const tagged = { startTls: false, user: { attributes: { tags: { from: 'tag', as: 'list' } } } } as const

describe('values in parts', () => {
  it('are refused when the parts are so small that they would not end', async () => {
    const script = ranged((start, { id }, responder) =>
      responder.entry(id, 'cn=u', { [`tag;range=${start}-${start}`]: [`t${start}`] }),
    )
    await using server = await scriptedServer(script)
    await expect(listWith({ ...tagged, url: server.url, maxMembers: 1_000 }).page()).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
    })
    expect(searches(server.asked).length).toBeLessThan(120)
  })

  it('are refused when a part begins elsewhere than asked: values between would be missed', async () => {
    const script = ranged((start, { id }, responder) =>
      responder.entry(id, 'cn=u', { [`tag;range=${start === 0 ? '0-0' : '7-*'}`]: [`t${start}`] }),
    )
    await using server = await scriptedServer(script)
    await expect(listWith({ ...tagged, url: server.url }).page()).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
    })
  })

  it('may hold two hundred thousand values in one part', async () => {
    const many = Array.from({ length: 200_000 }, (_, index) => `tag-${index}`)
    const script = ranged((_, { id }, responder) => responder.entry(id, 'cn=u', { 'tag;range=0-*': many }))
    await using server = await scriptedServer(script)
    const page = await listWith({ ...tagged, url: server.url, maxMembers: 300_000 }).page()
    expect(page.resources[0]?.attributes.tags).toHaveLength(200_000)
  })
})

describe('one response', () => {
  it('may hold two hundred thousand references to other servers', async () => {
    const body = Buffer.concat(Array.from({ length: 200_000 }, () => Buffer.from('04036c3a2f', 'hex')))
    const operation = Buffer.concat([Buffer.from('7384', 'hex'), Buffer.alloc(4), body])
    operation.writeUInt32BE(body.length, 2)
    await using server = await scriptedServer(
      afterBind((asked, responder) => {
        const head = Buffer.concat([
          Buffer.from('3084', 'hex'),
          Buffer.alloc(4),
          Buffer.from([2, 1, asked.id]),
        ])
        head.writeUInt32BE(3 + operation.length, 2)
        responder.raw(Buffer.concat([head, operation]))
        responder.result(asked.id, { cookie: '' })
      }),
    )
    const lister = listWith({ url: server.url, startTls: false, referrals: 'ignore' })
    await expect(lister.page()).resolves.toMatchObject({ resources: [] })
  })

  it('is refused when its pages are far larger than asked for', async () => {
    await using server = await scriptedServer(
      afterBind((asked, responder) => {
        for (let index = 0; index < 10_001; index++) responder.entry(asked.id, `cn=${index}`, {})
        responder.result(asked.id, { cookie: '' })
      }),
    )
    await expect(listWith({ url: server.url, startTls: false }).page()).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
    })
  })

  it('is refused when it belongs to another operation: a bind result does not end a search', async () => {
    await using server = await scriptedServer(
      afterBind((asked, responder) => responder.result(asked.id, { op: 0x61, cookie: '' })),
    )
    await expect(listWith({ url: server.url, startTls: false }).page()).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
    })
  })
})

describe('a check', () => {
  it('ends after twice timeoutMs, although the server never falls silent', async () => {
    const clock = fakeClock()
    const asked = Promise.withResolvers<void>()
    await using server = await scriptedServer(
      afterBind((_, responder) => {
        // The beginning of a message, whose rest never comes.
        responder.raw(Buffer.from('30840000', 'hex'))
        asked.resolve()
      }),
    )
    const check = listWith({ url: server.url, startTls: false, timeoutMs: 20_000 }, undefined, {
      clock,
    }).check()
    const ended = check.catch((error: unknown) => error)
    await asked.promise
    await clock.advance(40_000)
    expect(await ended).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: expect.stringContaining('40000 ms'),
    })
    expect(clock.timers).toBe(0)
    await server.deserted()
  })
})
