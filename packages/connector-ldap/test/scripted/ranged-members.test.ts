import { describe, expect, it } from 'vitest'
import { listWith } from '../list-with.ts'
import { type Asked, afterBind, type Responder, type Script, scriptedServer } from './ldap-responder.ts'

/**
 * Active Directory's way of giving more than 1,500 values ([MS-ADTS] 3.1.1.3.1.3.3), here two at a time: the attribute
 * itself comes without values and beside it one with a range.
 */
const config = (url: string): Readonly<Record<string, unknown>> => ({
  url,
  startTls: false,
  directory: 'active-directory',
  membership: 'direct',
  primaryGroupMembers: false,
})
const guid = (number: number): Buffer => Buffer.from(`0000000000000000000000000000000${number}`, 'hex')
const memberDn = (number: number): string => `CN=M${number},DC=example,DC=com`

type Search = Extract<Asked, { kind: 'search' }>

/** A directory with one group of five; `onPart` may change how a part of its members is answered. */
function groupOfFive(
  onPart: (start: number, times: number) => { version: string; members: readonly number[] },
): Script {
  let times = 0
  const part = (responder: Responder, { id, attributes }: Search): void => {
    const start = Number(/range=(\d+)-\*/i.exec(attributes.join())?.[1])
    const { version, members } = onPart(start, (times += 1))
    const end = start + 2 >= members.length ? '*' : String(start + 1)
    const values = members.slice(start, start + 2).map(memberDn)
    responder.entry(id, 'CN=G,DC=example,DC=com', {
      [`member;range=${start}-${end}`]: values,
      uSNChanged: [version],
    })
    responder.result(id)
  }
  return afterBind((asked, responder) => {
    if (asked.kind !== 'search') return
    const { id } = asked
    if (asked.attributes.some((name) => name.includes('range='))) return part(responder, asked)
    if (asked.filter.includes('distinguishedname=')) {
      for (const [, number] of asked.filter.matchAll(/distinguishedname=cn=m(\d)/gi)) {
        responder.entry(id, memberDn(Number(number)), {
          objectGUID: [guid(Number(number))],
          objectClass: ['user'],
        })
      }
      return responder.result(id)
    }
    responder.entry(id, 'CN=G,DC=example,DC=com', {
      objectGUID: [guid(9)],
      cn: ['G'],
      member: [],
      'member;range=0-1': [memberDn(1), memberDn(2)],
    })
    responder.result(id, { cookie: '' })
  })
}

const idOf = (number: number): string => `00000000-0000-0000-0000-00000000000${number}`

describe('members given in ranges', () => {
  it('are read to the last one', async () => {
    await using server = await scriptedServer(groupOfFive(() => ({ version: '7', members: [1, 2, 3, 4, 5] })))
    const page = await listWith(config(server.url)).page({}, 'group')
    expect(page.resources[0]?.attributes.members).toEqual([1, 2, 3, 4, 5].map(idOf))
    expect(server.asked.filter((asked) => JSON.stringify(asked).includes('range='))).toHaveLength(3)
  })

  it('are read again from the start when the group changes between two ranges: none is passed over', async () => {
    // Member 1 leaves after the first part: what was third is second now, and part two would begin with the fourth.
    const script = groupOfFive((_, times) =>
      times === 1 ? { version: '7', members: [1, 2, 3, 4, 5] } : { version: '8', members: [2, 3, 4, 5] },
    )
    await using server = await scriptedServer(script)
    const page = await listWith(config(server.url)).page({}, 'group')
    expect(page.resources[0]?.attributes.members).toEqual([2, 3, 4, 5].map(idOf))
  })

  it('are not the only attribute that may come in ranges: a user in many groups keeps them all', async () => {
    const groups = [1, 2, 3].map((number) => `CN=G${number},DC=example,DC=com`)
    await using server = await scriptedServer(
      afterBind((asked, responder) => {
        if (asked.kind !== 'search') return
        const { id, attributes } = asked
        const start = /memberof;range=(\d)-\*/i.exec(attributes.join())?.[1]
        if (start !== undefined) {
          const [end, values] = start === '0' ? ['1', groups.slice(0, 2)] : ['*', groups.slice(2)]
          responder.entry(id, 'CN=U,DC=example,DC=com', { [`memberOf;range=${start}-${end}`]: values })
        } else if (asked.cookie !== undefined) {
          responder.entry(id, 'CN=U,DC=example,DC=com', {
            objectGUID: [guid(8)],
            cn: ['U'],
            'memberOf;range=0-1': groups.slice(0, 2),
          })
        } else {
          for (const [index, dn] of groups.entries()) {
            responder.entry(id, dn, { objectGUID: [guid(index + 1)], objectClass: ['group'] })
          }
        }
        responder.result(id, asked.cookie === undefined ? {} : { cookie: '' })
      }),
    )
    const page = await listWith(config(server.url)).page({}, 'user')
    expect(page.resources[0]?.attributes.groups).toEqual([1, 2, 3].map(idOf))
  })

  it('fail as transient when the group never stands still', async () => {
    const script = groupOfFive((_, times) => ({ version: String(times), members: [1, 2, 3, 4, 5] }))
    await using server = await scriptedServer(script)
    await expect(listWith(config(server.url)).page({}, 'group')).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    })
  })
})
