import { afterEach, describe, expect, it } from 'vitest'
import { groupsOf, type ScimStage, setScimStage, stored, warnings } from '../scim-stage.ts'
import { type Item, type Script, type ScriptedServer, scimError, startScripted } from './scripted-server.ts'

const group = (id: string, members?: readonly unknown[]): Item => ({
  id,
  displayName: `Group ${id}`,
  ...(members === undefined ? {} : { members }),
})
const member = (value: string, more = {}) => ({ value, ...more })
const nine = Array.from({ length: 9 }, (_, index) => group(`g${index}`, [member(`u${index}`)]))

describe('members of groups', () => {
  let server: ScriptedServer
  afterEach(() => server.close())

  const sync = async (script: Partial<Script>, members?: string, pageSize = 10) => {
    server = await startScripted(script)
    const stage = await setScimStage(server.url, { pageSize, config: members ? { group: { members } } : {} })
    return { stage, run: await stage.syncline.sync(groupsOf) }
  }
  const singleRequests = () => server.seen.filter(({ path }) => path.startsWith('/Groups/'))
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

  it('knows groups by the endpoint of the config', async () => {
    server = await startScripted({
      groups: [group('g1', [member('g2', { $ref: '../Teams/g2' }), member('u1', { $ref: '../Users/u1' })])],
    })
    const stage = await setScimStage(server.url, { config: { group: { endpoint: '/Teams' } } })
    await stage.syncline.sync(groupsOf)
    expect(server.seen.map(({ path }) => path)).toContain('/Teams')
    expect(await attributesOf(stage, 'g1')).toEqual({ members: ['u1'], memberGroups: ['g2'] })
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
    expect(singleRequests().map(({ path, query }) => [path, query])).toEqual([
      ['/Groups/a%20b%2Fc', { attributes: 'members' }],
    ])
  })

  it('takes a group without members for empty in mode listed, and asks for none', async () => {
    const { stage } = await sync({ groups: [group('g1')] }, 'listed')
    expect(await attributesOf(stage, 'g1')).toEqual({ members: [], memberGroups: [] })
    expect(server.seen.some(({ path }) => path.startsWith('/Groups/'))).toBe(false)
  })

  it('lists without members and asks for each group in mode fetched', async () => {
    const { stage } = await sync({ groups: nine }, 'fetched')
    expect(await attributesOf(stage, 'g8')).toEqual({ members: ['u8'], memberGroups: [] })
    const lists = server.seen.filter(({ path }) => path === '/Groups')
    expect(lists.every(({ query }) => query.excludedAttributes === 'members')).toBe(true)
    expect(singleRequests()).toHaveLength(9)
  })

  it('asks for at most four groups at once', async () => {
    const fourWait = Promise.withResolvers<void>()
    const atOnce = Promise.withResolvers<number>()
    const { run } = await sync(
      {
        groups: nine,
        async onRequest({ path }) {
          if (!path.startsWith('/Groups/')) return
          if (singleRequests().length === 4) fourWait.resolve()
          await fourWait.promise
          // Whatever was sent along with the four arrives before the answer to this.
          await fetch(`${server.url}/ServiceProviderConfig`)
          atOnce.resolve(singleRequests().length)
        },
      },
      'fetched',
    )
    expect(run).toMatchObject({ status: 'success', stats: { added: 9 } })
    expect(await atOnce.promise).toBe(4)
  })

  it('sends nothing more once a group was answered with Retry-After', async () => {
    const again = Promise.withResolvers<void>()
    let sent: number | undefined
    const { stage, run } = await sync(
      {
        groups: nine,
        onRequest: ({ path }) => {
          if (path === '/Groups' && singleRequests().length > 0 && sent === undefined) {
            sent = singleRequests().length
            again.resolve()
          }
          if (path === '/Groups/g0' && sent === undefined) {
            return { ...scimError(429), headers: { 'retry-after': '30' } }
          }
          return path.startsWith('/Groups/') ? again.promise : undefined
        },
      },
      'fetched',
    )
    expect(run).toMatchObject({ status: 'success', stats: { added: 9 } })
    expect(stage.clock.slept).toEqual([30_000])
    // Four were under way.
    expect(sent).toBe(4)
  })

  it('asks for groups whose ids are numbers', async () => {
    const { stage } = await sync(
      {
        groups: [group('7', [{ value: 12 }])],
        rewrite: (answer) => ({
          ...answer,
          Resources: (answer.Resources as Item[]).map((item) => ({ ...item, id: Number(item.id) })),
        }),
      },
      'fetched',
    )
    expect(await attributesOf(stage, '7')).toEqual({ members: ['12'], memberGroups: [] })
  })

  it('reads a group of 20,000 members by its id, and quarantines one that is too large to keep', async () => {
    const members = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        member(`${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`),
      )
    const { stage, run } = await sync(
      { groups: [group('g1', members(20_000)), group('g2', members(30_000))] },
      'fetched',
    )
    expect(run).toMatchObject({ status: 'success', stats: { added: 1, quarantined: 1, staled: 0 } })
    expect(await attributesOf(stage, 'g1')).toMatchObject({
      members: members(20_000).map(({ value }) => value),
    })
  })

  it('reads no members in mode none', async () => {
    const { stage } = await sync({ groups: [group('g1', [member('u1')])] }, 'none')
    expect(await attributesOf(stage, 'g1')).toEqual({})
  })

  it('never takes an answer that is not the group for a group without members', async () => {
    for (const body of [{}, group('g2', []), { totalResults: 1, Resources: [group('g1', [])] }]) {
      const { run } = await sync(
        {
          groups: [group('g1', [member('u1')])],
          onRequest: ({ path }) => (path === '/Groups/g1' ? { body } : undefined),
        },
        'fetched',
      )
      expect(run).toMatchObject({ status: 'error', error: { code: 'CONNECTOR_ANSWER_INVALID' } })
      await server.close()
    }
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
