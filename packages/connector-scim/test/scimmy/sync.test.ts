import { randomUUID } from 'node:crypto'
import { fakeClock } from '@syncline/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { groupsOf, type ScimStage, setScimStage, stored, token, usersOf, warnings } from '../scim-stage.ts'
import { type ScimClient, type Shown, scimClient } from './scim-client.ts'
import { type ScimmyServer, type Stored, startScimmy } from './scimmy-server.ts'

const people = 2_000
const groups = 50
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** The record a user must become, worked out from what the server shows. */
function expectedUser(shown: Shown): object {
  const { name, userName, displayName, active, externalId, title } = shown
  const emails = shown.emails as readonly { value: string; type: string; primary?: boolean }[]
  const extension = shown[enterprise] as { employeeNumber: string; department: string }
  return {
    displayName,
    email: emails.find(({ primary }) => primary)?.value,
    attributes: {
      userName,
      name,
      // All have the same names but `primary`, which comes first in the alphabet.
      emails: emails.toSorted((a) => (a.primary ? -1 : 1)),
      active,
      externalId,
      ...(title === undefined ? {} : { title }),
      enterprise: { employeeNumber: extension.employeeNumber, department: extension.department },
    },
  }
}

function expectedGroup({ displayName, members }: Shown): object {
  const all = (members ?? []) as readonly { value: string; type?: string }[]
  const ids = (type: string): string[] =>
    all
      .filter((member) => (member.type === 'Group') === (type === 'Group'))
      .map(({ value }) => value)
      .toSorted()
  return { displayName, email: null, attributes: { members: ids('User'), memberGroups: ids('Group') } }
}

const byId = (shown: readonly Shown[], expected: (one: Shown) => object): Record<string, object> =>
  Object.fromEntries(shown.map((one) => [one.id, expected(one)]))

const newUser = (number: number): Readonly<Record<string, unknown>> => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
  userName: `user${number}@example.com`,
  externalId: `hr-${number}`,
  displayName: `User ${number} Größe`,
  name: { givenName: 'User', familyName: `Number ${number}` },
  active: number % 10 !== 0,
  emails: [
    { value: `home${number}@example.org`, type: 'home' },
    { value: `user${number}@example.com`, type: 'work', primary: true },
  ],
  [enterprise]: { employeeNumber: String(number), department: `Department ${number % 7}` },
})

const start = new Date('2026-01-01T00:00:00.000Z')
const seeded = (items: readonly Readonly<Record<string, unknown>>[]): readonly Stored[] =>
  items.map((item) => {
    const stamp = start.toISOString()
    return { ...item, id: randomUUID(), meta: { created: stamp, lastModified: stamp } }
  })

/** Teams of 40, each in the next one; team 7 is empty. */
function newTeams(members: readonly Stored[]): readonly Stored[] {
  const teams = seeded(Array.from({ length: groups }, (_, number) => ({ displayName: `Team ${number}` })))
  return teams.map((team, number) => {
    const nested = teams[number - 1]
    const persons = Array.from({ length: 40 }, (_, index) => members[(number * 37 + index) % members.length])
    const all = [
      ...persons.map((one) => ({ value: one?.id, type: 'User' })),
      ...(nested ? [{ value: nested.id, type: 'Group' }] : []),
    ]
    return { ...team, members: number === 7 ? [] : all }
  })
}

describe('a service provider made with scimmy, from first sync to removals', () => {
  const clock = fakeClock({ start, auto: true })
  const users = seeded(Array.from({ length: people }, (_, number) => newUser(number)))
  const teams = newTeams(users)
  let server: ScimmyServer
  let client: ScimClient
  let stage: ScimStage

  const expectEqualToUpstream = async (): Promise<void> => {
    expect(await stored(stage, 'user')).toEqual(byId(await client.readAll('/Users'), expectedUser))
    expect(await stored(stage, 'group')).toEqual(byId(await client.readAll('/Groups'), expectedGroup))
  }
  const user = (number: number): string => users[number]?.id ?? 'none'
  const team = (number: number): string => teams[number]?.id ?? 'none'

  beforeAll(async () => {
    server = await startScimmy({ token, now: () => clock.now(), users, groups: teams })
    client = scimClient(server.baseUrl, token)
    await clock.advance(60_000)
    stage = await setScimStage(server.baseUrl, { clock, pageSize: 1_000 })
  })
  afterAll(() => server.close())

  it('passes its check', async () => {
    await expect(stage.syncline.connectors.check('corp')).resolves.toBeUndefined()
  })

  it('brings 2,000 users and 50 groups over page by page', async () => {
    expect(await stage.syncline.sync(usersOf)).toMatchObject({
      status: 'success',
      mode: 'full',
      // A thousand, 995, the five that are left, and a page that shows that nothing comes after them.
      stats: { added: people, pagesProcessed: 4, quarantined: 0, totalUpstreamRecords: people },
    })
    expect(await stage.syncline.sync(groupsOf)).toMatchObject({ status: 'success', stats: { added: groups } })
    expect(server.requests.some((request) => request.includes('sortBy=id'))).toBe(true)
    await expectEqualToUpstream()
    expect(Object.keys(await stored(stage, 'user'))).toHaveLength(people)
  })

  it('finds nothing changed the second time', async () => {
    expect(await stage.syncline.sync({ ...usersOf, mode: 'full' })).toMatchObject({
      status: 'success',
      stats: { added: 0, updated: 0, unchanged: people, staled: 0 },
    })
    expect(await stage.syncline.sync({ ...groupsOf, mode: 'full' })).toMatchObject({
      stats: { updated: 0, unchanged: groups },
    })
  })

  it('lists what was posted and patched since, and only that', async () => {
    await clock.advance(60_000)
    await client.create('/Users', newUser(people + 1))
    await client.patch('/Users', user(7), [{ op: 'replace', path: 'title', value: 'Chief of Tests' }])
    await client.patch('/Users', user(8), [{ op: 'replace', value: { active: false } }])
    await client.patch('/Users', user(9), [
      { op: 'replace', path: `${enterprise}:department`, value: 'Moved' },
    ])
    await client.patch('/Groups', team(3), [
      { op: 'add', path: 'members', value: [{ value: user(1_999), type: 'User' }] },
    ])
    await client.patch('/Groups', team(4), [{ op: 'remove', path: `members[value eq "${user(4 * 37)}"]` }])
    expect(await stage.syncline.sync({ ...usersOf, mode: 'incremental' })).toMatchObject({
      status: 'success',
      mode: 'incremental',
      stats: { added: 1, updated: 3, unchanged: 0, staled: 0, totalUpstreamRecords: 4 },
    })
    expect(await stage.syncline.sync({ ...groupsOf, mode: 'incremental' })).toMatchObject({
      status: 'success',
      mode: 'incremental',
      stats: { updated: 2, totalUpstreamRecords: 2 },
    })
    await expectEqualToUpstream()
  })

  it('learns of deletions only by a full sync, which then equals upstream', async () => {
    for (const number of [11, 12, 13]) await client.remove('/Users', user(number))
    await client.remove('/Groups', team(groups - 1))
    expect(await stage.syncline.sync({ ...usersOf, mode: 'incremental' })).toMatchObject({
      stats: { staled: 0 },
    })
    expect(await stage.syncline.sync({ ...usersOf, mode: 'full' })).toMatchObject({
      status: 'success',
      stats: { staled: 3, added: 0 },
    })
    expect(await stage.syncline.sync({ ...groupsOf, mode: 'full' })).toMatchObject({ stats: { staled: 1 } })
    await expectEqualToUpstream()
    expect(warnings(stage)).toEqual([])
  })
})
