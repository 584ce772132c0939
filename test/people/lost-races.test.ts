import type { NewUser, SyncConfigInput, UserDirectory } from '@syncline/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openWorld, type PeopleWorld, peopleHosts } from './people-hosts.ts'

const owner = { tenantId: 'default' }
const ann = (externalId: string, attributes = {}) => ({
  externalId,
  displayName: 'Ann',
  email: 'ann@x.example',
  attributes,
})

const settings = (field: string): Partial<SyncConfigInput> => ({
  createUsers: true,
  deactivateUsers: true,
  attributeMappings: [
    { sourcePath: `attributes.${field}`, targetField: field, writeMode: 'overwrite_always', enabled: true },
  ],
})

/** Something that happens while a connector's post-sync makes its users. */
type Meanwhile = Map<string, () => Promise<unknown>>

const interrupted = (users: UserDirectory, meanwhile: Meanwhile): UserDirectory => ({
  ...users,
  async create(wanted: readonly NewUser[]) {
    const connectorId = wanted[0]?.connectorId ?? ''
    const work = meanwhile.get(connectorId)
    meanwhile.delete(connectorId)
    await work?.()
    return users.create(wanted)
  },
})

describe.each(peopleHosts())('a lost race for an e-mail, on %s', (_name, open, available) => {
  describe.skipIf(!available)('is never recorded as a decision', () => {
    let world: PeopleWorld
    let meanwhile: Meanwhile
    beforeEach(async () => {
      meanwhile = new Map()
      world = await openWorld(open, ({ users }) => ({ users: interrupted(users, meanwhile) }))
      for (const [connectorId, field, value] of [
        ['hr', 'title', 'Lead'],
        ['it', 'phone', '7'],
        ['crm', 'city', 'Oslo'],
      ] as const) {
        await world.add({ connectorId }, settings(field), [ann(`${connectorId}-1`, { [field]: value })])
      }
    })
    afterEach(() => world.close())

    const row = async (connectorId: string) => {
      const { data } = await world.syncline.matches.list({ connectorId, resourceType: 'user' })
      return data[0]
    }
    const userOf = async (connectorId: string) => {
      const { userId = '' } = (await row(connectorId)) ?? {}
      return (await world.host.users.get([userId], owner))[0]
    }
    const profileOf = async (connectorId: string) => {
      const { userId = '' } = (await row(connectorId)) ?? {}
      return (await world.host.profiles.read([userId], owner))[0]?.attributes
    }
    const expectOneUser = async (...connectorIds: string[]) => {
      const rows = await Promise.all(connectorIds.map(row))
      expect(rows.map((one) => one?.matchStatus)).toEqual(connectorIds.map(() => 'matched'))
      expect(rows.map((one) => one?.problem)).toEqual(connectorIds.map(() => undefined))
      expect(new Set(rows.map((one) => one?.userId)).size).toBe(1)
    }

    test('the loser is matched to the user in the same post-sync, and maps its fields', async () => {
      meanwhile.set('hr', () => world.sync('it'))
      await world.sync('hr')
      await expectOneUser('hr', 'it')
      expect(await profileOf('it')).toEqual({ phone: '7', title: 'Lead' })
      await world.sync('it', [])
      expect((await userOf('hr'))?.status).toBe('unconfirmed')
      await world.sync('hr', [])
      const [run] = await world.syncline.postSync.runs({ connectorId: 'hr', resourceType: 'user' })
      expect(run?.status).toBe('success')
    })

    test('of three connectors that begin at once all lead to one user', async () => {
      meanwhile.set('hr', async () => {
        meanwhile.set('it', () => world.sync('crm'))
        await world.sync('it')
      })
      await world.sync('hr')
      await expectOneUser('hr', 'it', 'crm')
      expect(await profileOf('hr')).toEqual({ title: 'Lead', phone: '7', city: 'Oslo' })
      await world.sync('crm', [])
      await world.sync('it', [])
      expect((await userOf('hr'))?.status).toBe('unconfirmed')
    })

    test('an e-mail that a deactivated user took leads to that user, as one after the other', async () => {
      meanwhile.set('hr', () =>
        world.host.put([{ userId: 'gone', status: 'deactivated', email: 'Ann@x.example' }]),
      )
      await world.sync('hr')
      expect(await row('hr')).toMatchObject({ matchStatus: 'matched', userId: 'gone' })
      await world.sync('it')
      expect(await row('it')).toMatchObject({ matchStatus: 'matched', userId: 'gone' })
      expect((await userOf('hr'))?.status).toBe('deactivated')
    })

    test('several users that took the e-mail make the row ambiguous', async () => {
      meanwhile.set('hr', () =>
        world.host.put(
          ['u-1', 'u-2'].map((userId) => ({ userId, status: 'active', email: 'ann@x.example' })),
        ),
      )
      await world.sync('hr')
      expect(await row('hr')).toMatchObject({ matchStatus: 'ambiguous' })
      expect((await row('hr'))?.candidateUserIds?.map(({ userId }) => userId)).toEqual(['u-1', 'u-2'])
    })

    test('two resources of one listing with one e-mail lead to one user at once', async () => {
      await world.sync('hr', [ann('1', { title: 'Lead' }), ann('2', { title: 'Other' })])
      const { data } = await world.syncline.matches.list({ connectorId: 'hr', resourceType: 'user' })
      const live = data.filter(({ externalId }) => externalId !== 'hr-1')
      expect(live.map(({ matchStatus }) => matchStatus)).toEqual(['matched', 'matched'])
      expect(new Set(live.map(({ userId }) => userId)).size).toBe(1)
    })

    test('where no strategy finds the user, the row says that the e-mail is taken', async () => {
      await world.syncline.configs.save({
        connectorId: 'hr',
        resourceType: 'user',
        userMatchStrategy: 'external_id',
      })
      meanwhile.set('hr', () => world.sync('it'))
      await world.sync('hr')
      expect(await row('hr')).toMatchObject({ matchStatus: 'unmatched', problem: { code: 'USER_EXISTS' } })
    })

    test('a plan is outdated, its row leads to the user, and a new plan maps the fields', async () => {
      const syncline = world.syncline
      const scope = { connectorId: 'hr', resourceType: 'user' }
      await syncline.configs.save({ ...scope, createUsers: false })
      await world.sync('hr')
      await syncline.configs.save({ ...scope, createUsers: true })
      const plan = await syncline.postSync.plan(scope)
      expect(plan.creates).toHaveLength(1)
      meanwhile.set('hr', () => world.sync('it'))
      const run = await syncline.postSync.apply(plan)
      expect(run).toMatchObject({ status: 'error', error: { code: 'PLAN_OUTDATED' } })
      await expectOneUser('hr', 'it')
      await syncline.postSync.apply(await syncline.postSync.plan(scope))
      expect(await profileOf('hr')).toEqual({ phone: '7', title: 'Lead' })
      await world.sync('it', [])
      expect((await userOf('hr'))?.status).toBe('unconfirmed')
    })

    test('an operator’s creation is refused, and an undecided row is matched', async () => {
      const create = await undecided()
      meanwhile.set('hr', () => world.sync('it'))
      await expect(create()).rejects.toMatchObject({ code: 'USER_EXISTS' })
      await expectOneUser('hr', 'it')
    })

    test('an operator’s creation is refused, and a skipped row stays skipped', async () => {
      const create = await undecided()
      const { connectorId = '', matchId = '' } = (await row('hr')) ?? {}
      const skip = { action: 'skip', notes: 'a robot', resolvedBy: 'operator' } as const
      await world.syncline.matches.resolve({ connectorId, matchId, ...skip })
      meanwhile.set('hr', () => world.sync('it'))
      await expect(create()).rejects.toMatchObject({ code: 'USER_EXISTS' })
      expect(await row('hr')).toMatchObject({ matchStatus: 'skipped', resolutionNotes: 'a robot' })
    })

    /** A row of hr for which an operator can create a user. */
    const undecided = async () => {
      await world.syncline.configs.save({ connectorId: 'hr', resourceType: 'user', createUsers: false })
      await world.sync('hr')
      const { connectorId = '', matchId = '' } = (await row('hr')) ?? {}
      return () =>
        world.syncline.matches.resolve({ connectorId, matchId, action: 'create', resolvedBy: 'operator' })
    }
  })
})
