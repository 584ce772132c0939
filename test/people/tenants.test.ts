import type { LocalUser, SyncConfigInput, UpstreamRecord, UserDirectory } from '@syncline/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openWorld, type PeopleWorld, peopleHosts } from './people-hosts.ts'

const tenants = ['evil', 'victim'] as const
const connectorOf = { evil: 'evil-hr', victim: 'victim-hr' } as const
const victim = { tenantId: 'victim' }
const evil = { tenantId: 'evil' }

/** Equal in both tenants: ids, addresses, issuers, subs and upstream ids. */
const user = (tenantId: string, name: string, change: Partial<LocalUser> = {}): LocalUser => ({
  userId: `u-${name}`,
  tenantId,
  status: 'active',
  email: `${name}@x.example`,
  sub: `s-${name}`,
  upstreamId: `s-${name}`,
  upstreamIssuer: 'https://idp.example',
  ...change,
})

const person = (name: string, title = 'Boss'): UpstreamRecord => ({
  externalId: `s-${name}`,
  displayName: name,
  email: `${name}@x.example`,
  attributes: { title, identityIssuer: 'https://idp.example' },
})

const settings: Partial<SyncConfigInput> = {
  createUsers: true,
  deactivateUsers: true,
  postSyncWorkflowId: 'onboarding',
  syncTriggerMode: 'per_record',
  attributeMappings: [
    { sourcePath: 'attributes.title', targetField: 'title', writeMode: 'overwrite_always', enabled: true },
  ],
}

const names = ['ann', 'bob']

describe.each(peopleHosts())(
  'two tenants that share every id and address, on %s',
  (_name, open, available) => {
    describe.skipIf(!available)('are out of each other’s reach', () => {
      let world: PeopleWorld
      beforeEach(async () => {
        world = await openWorld(open)
        for (const tenantId of tenants) {
          await world.host.put(names.map((name) => user(tenantId, name)))
          await world.add(
            { connectorId: connectorOf[tenantId], tenantId },
            settings,
            names.map((name) => person(name)),
          )
        }
        await world.sync(
          connectorOf.victim,
          [...names, 'new'].map((name) => person(name, 'CEO')),
        )
      })
      afterEach(() => world.close())

      const rowsOf = async (tenantId: (typeof tenants)[number]) =>
        (await world.syncline.matches.list({ connectorId: connectorOf[tenantId], resourceType: 'user' })).data
      const rowOf = async (tenantId: (typeof tenants)[number], name: string) => {
        const found = (await rowsOf(tenantId)).find(({ externalId }) => externalId === `s-${name}`)
        return { connectorId: connectorOf[tenantId], matchId: found?.matchId ?? '', row: found }
      }
      const userOf = async (owner: { readonly tenantId: string }, name: string) =>
        (await world.host.users.get([`u-${name}`], owner))[0]

      /** Everything of the tenant, as it is stored. */
      const everythingOf = async (owner: typeof victim) => {
        const { host, syncline, workflows } = world
        const scope = { connectorId: connectorOf.victim, resourceType: 'user' }
        const rows = await rowsOf('victim')
        const ids = [...names.map((name) => `u-${name}`), ...rows.flatMap(({ userId }) => userId ?? [])]
        return {
          rows,
          users: await host.users.get(ids, owner),
          profiles: await host.profiles.read([...new Set(ids)], owner),
          actions: await syncline.postSync.actions({ ...owner, limit: 1000 }),
          runs: await syncline.postSync.runs(scope),
          jobs: workflows.deliveries.filter(({ tenantId }) => tenantId === owner.tenantId),
          stored: await host.rowsOf(owner.tenantId),
        }
      }

      test('creating, mapping, triggering, deactivating, reactivating, planning, undoing and resolving', async () => {
        const { syncline, host } = world
        const scope = { connectorId: connectorOf.evil, resourceType: 'user' }
        const before = await everythingOf(victim)
        expect(before.jobs).toHaveLength(1)
        for (const strategy of ['email', 'email_and_issuer', 'upstream_identity', 'external_id'] as const) {
          await syncline.configs.save({ ...scope, userMatchStrategy: strategy })
          await world.sync(
            connectorOf.evil,
            names.map((name) => person(name, `Pwned by ${strategy}`)),
          )
          expect((await rowsOf('evil')).map(({ userId }) => userId)).toEqual(['u-ann', 'u-bob'])
          const [profile] = await host.profiles.read(['u-ann'], evil)
          expect(profile?.attributes).toEqual({ title: `Pwned by ${strategy}` })
        }
        await syncline.configs.save({ ...scope, userMatchStrategy: 'email' })
        await world.sync(
          connectorOf.evil,
          [...names, 'new'].map((name) => person(name)),
        )
        await world.sync(connectorOf.evil, [person('bob')])
        expect([(await userOf(evil, 'ann'))?.status, (await userOf(victim, 'ann'))?.status]).toEqual([
          'deactivated',
          'active',
        ])
        await world.sync(
          connectorOf.evil,
          names.map((name) => person(name)),
        )
        expect((await userOf(evil, 'ann'))?.status).toBe('active')

        world.listed.set(connectorOf.evil, [])
        await syncline.configs.save({ ...scope, deactivationGuard: { minUsers: 0, percent: 0 } })
        await world.sync(connectorOf.evil)
        const plan = await syncline.postSync.plan(scope)
        expect([plan.tenantId, plan.deactivations.length]).toEqual(['evil', 2])
        await syncline.postSync.apply(plan, { approvedBy: 'mallory' })
        const [last] = await syncline.postSync.actions({ ...evil, userId: 'u-ann', limit: 1 })
        await syncline.postSync.undo({ actionId: last?.actionId ?? '', by: 'mallory' })

        const { row: _row, ...ref } = await rowOf('evil', 'ann')
        await syncline.matches.resolve({ ...ref, action: 'link', userId: 'u-bob', resolvedBy: 'mallory' })
        await syncline.matches.unlink({ ...ref, resolvedBy: 'mallory' })
        const skip = { connectorId: connectorOf.evil, action: 'skip', resolvedBy: 'mallory' } as const
        await syncline.matches.bulkResolve({ ...skip, matchIds: [ref.matchId] })
        expect(world.workflows.jobs.some(({ tenantId }) => tenantId === 'evil')).toBe(true)
        expect(await everythingOf(victim)).toEqual(before)
      })

      test('the last link of a user is found although the other tenant links an equal user id', async () => {
        await world.sync(connectorOf.evil)
        await world.sync(connectorOf.victim, [person('bob')])
        expect((await userOf(victim, 'ann'))?.status).toBe('deactivated')
        await world.sync(connectorOf.evil, [person('bob')])
        expect((await userOf(evil, 'ann'))?.status).toBe('deactivated')
        await world.sync(connectorOf.victim, [person('ann'), person('bob')])
        expect([(await userOf(victim, 'ann'))?.status, (await userOf(evil, 'ann'))?.status]).toEqual([
          'active',
          'deactivated',
        ])
      })

      test('a user id of the other tenant cannot be linked', async () => {
        await world.host.put([user('victim', 'root')])
        await world.sync(connectorOf.evil)
        const { row: _row, ...ref } = await rowOf('evil', 'ann')
        const link = { action: 'link', userId: 'u-root', resolvedBy: 'mallory' } as const
        const refused = { code: 'USER_NOT_FOUND' }
        await expect(world.syncline.matches.resolve({ ...ref, ...link })).rejects.toMatchObject(refused)
        const bulk = { connectorId: ref.connectorId, matchIds: [ref.matchId], ...link }
        await expect(world.syncline.matches.bulkResolve(bulk)).rejects.toMatchObject(refused)
      })

      test('an action and a plan of the other tenant are refused', async () => {
        const { syncline } = world
        await world.sync(connectorOf.victim, [person('bob')])
        const [action] = await syncline.postSync.actions({ ...victim, kind: 'deactivate' })
        const undo = { actionId: action?.actionId ?? '', by: 'mallory', ...evil }
        await expect(syncline.postSync.undo(undo)).rejects.toMatchObject({ code: 'ACTION_NOT_FOUND' })
        const plan = await syncline.postSync.plan({ connectorId: connectorOf.victim, resourceType: 'user' })
        await expect(syncline.postSync.apply({ ...plan, tenantId: 'evil' })).rejects.toMatchObject({
          code: 'PLAN_INVALID',
        })
      })

      test('exemptUsers exempts the user of one tenant', async () => {
        await world.close()
        world = await openWorld(open, () => ({ exemptUsers: [{ tenantId: 'victim', userId: 'u-ann' }] }))
        for (const tenantId of tenants) {
          await world.host.put([user(tenantId, 'ann')])
          await world.add({ connectorId: connectorOf[tenantId], tenantId }, settings, [person('ann')])
          await world.sync(connectorOf[tenantId])
          await world.sync(connectorOf[tenantId], [])
        }
        expect([(await userOf(victim, 'ann'))?.status, (await userOf(evil, 'ann'))?.status]).toEqual([
          'active',
          'deactivated',
        ])
      })
    })
  },
)

describe('a directory that does not know tenants', () => {
  const [[, open]] = peopleHosts()

  test('never lends its users to a tenant: the step fails and nothing is changed', async () => {
    const blind = (users: UserDirectory): UserDirectory => ({
      ...users,
      findByKeys: (lookup) => users.findByKeys({ ...lookup, tenantId: 'default' }),
      get: (ids) => users.get(ids, { tenantId: 'default' }),
    })
    const world = await openWorld(open, ({ users }) => ({ users: blind(users) }))
    await world.host.put([{ userId: 'ceo', status: 'active', email: 'ceo@x.example' }])
    await world.add({ connectorId: 'hr', tenantId: 'evil' }, settings, [person('ceo')])
    await world.sync('hr')
    const scope = { connectorId: 'hr', resourceType: 'user' }
    const [run] = await world.syncline.postSync.runs(scope)
    expect(run).toMatchObject({ status: 'error', error: { code: 'USER_DIRECTORY_FAILED' } })
    expect(run?.error?.message).toMatch(/findByKeys was called for tenant "evil".*"ceo" of another tenant/)
    expect((await world.syncline.matches.list(scope)).data).toEqual([])
    await world.close()
  })

  test('a user of another tenant is not rewritten and not deactivated by an equal e-mail', async () => {
    const world = await openWorld(open)
    await world.host.put([
      { userId: 'ceo-of-victim', status: 'active', email: 'ceo@x.example' },
      user('evil', 'me'),
    ])
    const listed = [person('ceo', 'Pwned'), person('me')]
    await world.add({ connectorId: 'hr', ...evil }, { ...settings, createUsers: false }, listed)
    await world.sync('hr')
    await world.sync('hr', listed.slice(1))
    const owner = { tenantId: 'default' }
    expect((await world.host.profiles.read(['ceo-of-victim'], owner))[0]?.attributes).toEqual({})
    expect((await world.host.users.get(['ceo-of-victim'], owner))[0]?.status).toBe('active')
    await world.close()
  })
})
