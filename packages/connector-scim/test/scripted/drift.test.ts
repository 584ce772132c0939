import { afterEach, describe, expect, it } from 'vitest'
import { groupsOf, liveUsers, type ScimStage, setScimStage, usersOf, warnings } from '../scim-stage.ts'
import { type Item, people, person, type ScriptedServer, startScripted } from './scripted-server.ts'

const removalGuard = null
const everything = { provides: { sort: { supported: true } }, sorts: true }

/** `startIndex:count` of each page asked for. */
const pagesAsked = (server: ScriptedServer): readonly string[] =>
  server.lists().map(({ query }) => `${query.startIndex}:${query.count}`)

const idsOf = (items: readonly Item[]): readonly string[] => items.map(({ id }) => String(id)).toSorted()

const remove = (server: ScriptedServer, id: string): void => {
  server.script.users = server.script.users.filter((item) => item.id !== id)
}

describe('a listing by startIndex while upstream changes', () => {
  let server: ScriptedServer
  afterEach(() => server.close())

  /** Syncs 30 people, then once more with something happening just before a page is answered. */
  const syncTwice = async (
    script: Parameters<typeof startScripted>[0],
    config: Readonly<Record<string, unknown>>,
    happens: (page: number) => void,
  ) => {
    server = await startScripted({ users: people(30), ...script })
    const stage = await setScimStage(server.url, { config, pageSize: 10 })
    await stage.syncline.configs.save({ ...usersOf, pageSize: 10, removalGuard })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'success', stats: { added: 30 } })
    server.seen.length = 0
    server.script.onRequest = ({ path }) => {
      if (path === '/Users') happens(server.lists().length)
    }
    const run = await stage.syncline.sync({ ...usersOf, mode: 'full' })
    return { stage, run }
  }

  const expectNobodyLost = async (stage: ScimStage): Promise<void> => {
    const live = await liveUsers(stage)
    expect(live).toEqual(expect.arrayContaining([...idsOf(server.script.users)]))
  }

  it('begins each page with the last five records of the page before', async () => {
    const { run } = await syncTwice({}, {}, () => undefined)
    expect(run).toMatchObject({
      status: 'success',
      stats: { unchanged: 30, staled: 0, totalUpstreamRecords: 30 },
    })
    expect(pagesAsked(server)).toEqual(['1:10', '6:15', '16:15', '26:15'])
  })

  it('begins again when someone was deleted meanwhile and upstream keeps no known order', async () => {
    const { run, stage } = await syncTwice({}, {}, (page) => {
      if (page === 2) remove(server, 'u0003')
    })
    expect(run).toMatchObject({ status: 'success', stats: { staled: 0 } })
    expect(warnings(stage)).toEqual(['records moved or were deleted meanwhile'])
    expect(pagesAsked(server).filter((page) => page === '1:10')).toHaveLength(2)
    await expectNobodyLost(stage)
    expect(await stage.syncline.sync({ ...usersOf, mode: 'full' })).toMatchObject({ stats: { staled: 1 } })
    expect(await liveUsers(stage)).toEqual(idsOf(server.script.users))
  })

  it('goes on where upstream sorts by id: a record met again proves that all before it were read', async () => {
    const { run, stage } = await syncTwice(everything, {}, (page) => {
      if (page === 2) remove(server, 'u0003')
      if (page === 3) remove(server, 'u0004')
    })
    expect(run).toMatchObject({ status: 'success', stats: { staled: 0 } })
    expect(server.lists().every(({ query }) => query.sortBy === 'id')).toBe(true)
    expect(warnings(stage)).toEqual([])
    await expectNobodyLost(stage)
  })

  it('is not fooled by a deletion and an addition that leave totalResults as it was', async () => {
    const { run, stage } = await syncTwice({}, {}, (page) => {
      if (page !== 2) return
      remove(server, 'u0003')
      server.script.users.push(person('u0099'))
    })
    expect(run).toMatchObject({ status: 'success', stats: { added: 1, staled: 0 } })
    expect(warnings(stage)).toHaveLength(1)
    await expectNobodyLost(stage)
  })

  it('is not fooled by an update that moves one record forth while another moves back', async () => {
    const { run, stage } = await syncTwice({}, {}, (page) => {
      if (page !== 2) return
      // As in a heap: updated rows find a new place. 20 was not read yet, 3 was; nothing shifts at the page's edge.
      const { users } = server.script
      const [third, twentieth] = [users[2], users[19]]
      if (third && twentieth) server.script.users = users.with(2, twentieth).with(19, third)
    })
    expect(run).toMatchObject({ status: 'success', stats: { staled: 0 } })
    expect(warnings(stage)).toEqual(['upstream says that there are 30 and listed 29'])
    await expectNobodyLost(stage)
  })

  it('is not fooled by a deletion that makes room for a record that was not read yet', async () => {
    const { run, stage } = await syncTwice({}, {}, (page) => {
      if (page !== 2) return
      // 20 takes the place of 3: nothing shifts, nobody comes twice, and as many are met as there are.
      const { users } = server.script
      const [twentieth] = users.slice(19, 20)
      if (twentieth) server.script.users = users.with(2, twentieth).toSpliced(19, 1)
    })
    expect(run).toMatchObject({ status: 'success' })
    expect(warnings(stage)).toEqual(['records moved or were deleted meanwhile'])
    await expectNobodyLost(stage)
  })

  it('is not fooled when more records go, come and move than can be counted', async () => {
    const { run, stage } = await syncTwice({}, {}, (page) => {
      if (page !== 2) return
      // 1 is deleted and 98 added, 20 moves to the front and 2 to the end: as many are met as there are.
      const [, second, ...users] = server.script.users
      const [twentieth] = users.splice(17, 1)
      if (second && twentieth) server.script.users = [twentieth, ...users, person('u0098'), second]
    })
    expect(run).toMatchObject({ status: 'success' })
    expect(warnings(stage)).toEqual(['records moved or were deleted meanwhile'])
    await expectNobodyLost(stage)
  })

  it('takes the order for stable where the config says so', async () => {
    const { run, stage } = await syncTwice({}, { stableOrder: true }, (page) => {
      if (page === 2) remove(server, 'u0003')
    })
    expect(run).toMatchObject({ status: 'success', stats: { staled: 0 } })
    expect(warnings(stage)).toEqual([])
    await expectNobodyLost(stage)
  })

  it('begins again when all the records a page should begin with are gone', async () => {
    const { run, stage } = await syncTwice(everything, {}, (page) => {
      if (page === 2) for (const id of ['u0006', 'u0007', 'u0008', 'u0009', 'u0010']) remove(server, id)
    })
    expect(run).toMatchObject({ status: 'success', stats: { staled: 0 } })
    expect(warnings(stage)).toEqual(['the last records of a page were gone when the next one was read'])
    await expectNobodyLost(stage)
  })

  it('does not believe a server that says it sorts and does not', async () => {
    const users = people(30).toReversed()
    const { run, stage } = await syncTwice({ ...everything, sorts: false, users }, {}, () => undefined)
    expect(run).toMatchObject({ status: 'success', stats: { unchanged: 30 } })
    expect(warnings(stage)).toContain('upstream does not sort by id')
    expect(server.lists().some(({ query }) => query.sortBy === undefined)).toBe(true)
  })

  it.each([3, 10, 25])('loses nobody when the id of number %i changes in the middle', async (number) => {
    const old = `u00${String(number).padStart(2, '0')}`
    for (const script of [{}, everything]) {
      const { run, stage } = await syncTwice(script, {}, (page) => {
        if (page !== 2) return
        const { users } = server.script
        server.script.users = users.map((item) => (item.id === old ? person('u0099') : item))
      })
      expect(run).toMatchObject({ status: 'success' })
      expect(await liveUsers(stage)).toEqual(
        expect.arrayContaining(idsOf(people(30)).filter((id) => id !== old)),
      )
      expect(await stage.syncline.sync({ ...usersOf, mode: 'full' })).toMatchObject({ status: 'success' })
      expect(await liveUsers(stage)).toEqual(idsOf(server.script.users))
      await server.close()
    }
  })

  it('ends with DELTA_EXPIRED and marks nothing stale when no pass is quiet', async () => {
    let next = 30
    const { run, stage } = await syncTwice({}, { maxPasses: 2 }, (page) => {
      if (page % 2 === 0) remove(server, `u${String(next--).padStart(4, '0')}`)
    })
    expect(run).toMatchObject({
      status: 'error',
      stats: { staled: 0 },
      error: { code: 'DELTA_EXPIRED', details: { passes: 2 } },
    })
    // The engine begins a new full listing by itself, once.
    expect(pagesAsked(server).filter((page) => page === '1:10')).toHaveLength(4)
    expect(await liveUsers(stage)).toHaveLength(30)
  })

  it('marks nothing stale when upstream counts more than it lists', async () => {
    server = await startScripted({ users: people(30), ...everything })
    const stage = await setScimStage(server.url, { pageSize: 10 })
    await stage.syncline.configs.save({ ...usersOf, pageSize: 10, removalGuard })
    await stage.syncline.sync(usersOf)
    server.script.users = people(12)
    server.script.rewrite = (answer) => ({ ...answer, totalResults: 30 })
    expect(await stage.syncline.sync({ ...usersOf, mode: 'full' })).toMatchObject({
      status: 'error',
      stats: { staled: 0 },
      error: { code: 'DELTA_EXPIRED', details: { reason: 'upstream says that there are 30 and listed 12' } },
    })
    expect(await liveUsers(stage)).toHaveLength(30)
  })

  it('begins again in another process, which cannot know what came twice, and goes on there where order is stable', async () => {
    for (const script of [{}, everything]) {
      server = await startScripted({ users: people(30), ...script })
      const stage = await setScimStage(server.url, { pageSize: 10, limits: { maxPages: 2 } })
      expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'partial' })
      server.seen.length = 0
      const other = await stage.another({ maxPages: 100 })
      expect(await other.sync(usersOf)).toMatchObject({ status: 'success', stats: { added: 30 } })
      const expected = script === everything ? ['16:15', '26:15'] : ['1:10', '6:15', '16:15', '26:15']
      expect(pagesAsked(server)).toEqual(expected)
      await server.close()
    }
  })

  it('refuses a listing that has more records than may be remembered, where upstream keeps no known order', async () => {
    server = await startScripted({ users: people(30) })
    const stage = await setScimStage(server.url, { pageSize: 10, connector: { maxRememberedIds: 29 } })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({
      status: 'error',
      error: { code: 'UPSTREAM_REJECTED', details: { limit: 29 } },
    })
  })

  it('begins again what was forgotten for another listing', async () => {
    server = await startScripted({ users: people(30), groups: people(30) })
    const config = { group: { members: 'none' } }
    const connector = { maxRememberedIds: 30 }
    const stage = await setScimStage(server.url, { pageSize: 10, limits: { maxPages: 2 }, config, connector })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'partial' })
    expect(await stage.syncline.sync(groupsOf)).toMatchObject({ status: 'partial' })
    expect(warnings(stage)).toEqual([])
    server.seen.length = 0
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'partial' })
    expect(pagesAsked(server)[0]).toBe('1:10')
    expect(warnings(stage)).toEqual(['the pages before were read by another process, or are forgotten'])
  })

  it('counts a page that has to be read twice once', async () => {
    server = await startScripted({ users: people(30) })
    const stage = await setScimStage(server.url, { pageSize: 10 })
    // The first try of the second page shows a record that is somewhere else by the second try.
    server.script.onRequest = ({ path }) => {
      if (path !== '/Users' || server.lists().length !== 3) return undefined
      const [ghost] = server.script.users.splice(12, 1)
      if (ghost) server.script.users.push(ghost)
      return { status: 503 }
    }
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'success', stats: { added: 30 } })
    expect(server.lists().length).toBeGreaterThan(4)
  })
})
