import { afterEach, describe, expect, it } from 'vitest'
import { groupsOf, type ScimStage, setScimStage, stored, warnings } from '../scim-stage.ts'
import { type Item, type Script, type ScriptedServer, scimError, startScripted } from './scripted-server.ts'

const group = (id: string, members?: readonly unknown[]): Item => ({
  id,
  displayName: `Group ${id}`,
  ...(members === undefined ? {} : { members }),
})
const member = (value: string, more = {}): object => ({ value, ...more })

describe('members of groups', () => {
  let server: ScriptedServer
  afterEach(() => server.close())

  const sync = async (script: Partial<Script>, members?: string, pageSize = 10) => {
    server = await startScripted(script)
    const stage = await setScimStage(server.url, { pageSize, config: members ? { group: { members } } : {} })
    return { stage, run: await stage.syncline.sync(groupsOf) }
  }
  const attributesOf = async (stage: ScimStage, id: string): Promise<unknown> =>
    ((await stored(stage, 'group'))[id] as { attributes: unknown } | undefined)?.attributes

  it('tells users from groups by type, or by the endpoint of $ref', async () => {
    const { stage } = await sync({
      groups: [
        group('g1', [
          member('u2', { type: 'User' }),
          member('u1', { $ref: 'https://scim.example/v2/Users/u1' }),
          member('g2', { type: 'group' }),
          member('g3', { $ref: '../groups/g3' }),
          member('u3'),
          member('u1'),
        ]),
      ],
    })
    expect(await attributesOf(stage, 'g1')).toEqual({
      members: ['u1', 'u2', 'u3'],
      memberGroups: ['g2', 'g3'],
    })
  })

  it('reads the id of a member from $ref where there is no value', async () => {
    const { stage } = await sync({ groups: [group('g1', [{ $ref: 'https://scim.example/Users/u%2F1' }])] })
    expect(await attributesOf(stage, 'g1')).toEqual({ members: ['u/1'], memberGroups: [] })
  })

  it('quarantines a group with a member nobody can name', async () => {
    const { run } = await sync({ groups: [group('g1', [{ display: 'Ann' }]), group('g2', [])] })
    expect(run).toMatchObject({ status: 'success', stats: { added: 1, quarantined: 1 } })
  })

  it('asks for a group by its id where the list shows no members', async () => {
    const groups = [group('a b/c', [member('u1')]), group('g2', [member('u2')])]
    const { stage } = await sync({
      groups,
      rewrite: (answer) => ({
        ...answer,
        Resources: (answer.Resources as Item[]).map(({ members, ...item }) =>
          item.id === 'g2' ? { ...item, members } : item,
        ),
      }),
    })
    expect(await attributesOf(stage, 'a b/c')).toEqual({ members: ['u1'], memberGroups: [] })
    expect(await attributesOf(stage, 'g2')).toEqual({ members: ['u2'], memberGroups: [] })
    const single = server.seen.filter(({ path }) => path.startsWith('/Groups/'))
    expect(single.map(({ path, query }) => [path, query])).toEqual([
      ['/Groups/a%20b%2Fc', { attributes: 'members' }],
    ])
  })

  it('takes a group without members for empty in mode listed, and asks for none', async () => {
    const { stage } = await sync({ groups: [group('g1')] }, 'listed')
    expect(await attributesOf(stage, 'g1')).toEqual({ members: [], memberGroups: [] })
    expect(server.seen.some(({ path }) => path.startsWith('/Groups/'))).toBe(false)
  })

  it('lists without members and asks for each group in mode fetched, at most four at once', async () => {
    const groups = Array.from({ length: 9 }, (_, index) => group(`g${index}`, [member(`u${index}`)]))
    const { stage } = await sync({ groups }, 'fetched')
    expect(await attributesOf(stage, 'g8')).toEqual({ members: ['u8'], memberGroups: [] })
    const lists = server.seen.filter(({ path }) => path === '/Groups')
    expect(lists.every(({ query }) => query.excludedAttributes === 'members')).toBe(true)
    expect(server.seen.filter(({ path }) => path.startsWith('/Groups/'))).toHaveLength(9)
  })

  it('reads no members in mode none', async () => {
    const { stage } = await sync({ groups: [group('g1', [member('u1')])] }, 'none')
    expect(await attributesOf(stage, 'g1')).toEqual({})
  })

  it('lists again when a group is gone before it was asked for', async () => {
    const { run, stage } = await sync(
      {
        groups: [group('g1', []), group('g2', [])],
        onRequest: ({ path }) => {
          if (path !== '/Groups/g2') return undefined
          server.script.groups = server.script.groups.slice(0, 1)
          return scimError(404)
        },
      },
      'fetched',
    )
    expect(run).toMatchObject({ status: 'success', stats: { added: 1 } })
    expect(Object.keys(await stored(stage, 'group'))).toEqual(['g1'])
  })

  it('does not count what a page showed that was never brought to its end', async () => {
    const groups = Array.from({ length: 20 }, (_, index) => group(`g${String(index + 10)}`, []))
    let failed = false
    const { run, stage } = await sync(
      {
        groups,
        onRequest: ({ path }) => {
          if (path !== '/Groups/g25' || failed) return undefined
          failed = true
          // The page held g24, which now changes places with g11 of the page before.
          const [read, unread] = [server.script.groups[1], server.script.groups[14]]
          if (read && unread) server.script.groups = server.script.groups.with(1, unread).with(14, read)
          return { status: 503 }
        },
      },
      'fetched',
    )
    expect(failed).toBe(true)
    expect(run).toMatchObject({ status: 'success', stats: { added: 20 } })
    expect(warnings(stage)).toEqual(['upstream says that there are 20 and listed 19'])
    expect(Object.keys(await stored(stage, 'group'))).toHaveLength(20)
  })
})
