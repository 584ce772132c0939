import { randomUUID } from 'node:crypto'
import type { Store, UpstreamRecord } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { lastChangeAfter } from '../../src/sync/last-change.ts'
import { createMemberships } from '../../src/sync/membership.ts'
import { person, setStage, users } from '../scenarios/stage.ts'

const groupScope = { connectorId: 'acme', resourceType: 'group' }
const config = { filterRules: { memberOfSyncedGroups: true } }
const group = (externalId: string, members: unknown[]): UpstreamRecord => ({
  externalId,
  displayName: externalId,
  attributes: { members },
})

/** The store, with a count of the slices of groups that were read and what happens before each. */
function counting(store: Store, before: (reads: number) => Promise<void> = async () => undefined) {
  let reads = 0
  const find: Store['resources']['find'] = async (query) => {
    await before((reads += 1))
    return store.resources.find(query)
  }
  return { store: { ...store, resources: { ...store.resources, find } }, reads: () => reads }
}

async function setGroups(...groups: UpstreamRecord[]) {
  const stage = await setStage([[]], { group: { pages: [groups] }, config })
  await stage.syncline.sync(groupScope)
  const request = { ...users, type: stage.connector }
  return { ...stage, request }
}

const nextTurn = () => Promise.resolve()
const isIn = async (loading: Promise<(record: UpstreamRecord) => boolean>, id: number) =>
  (await loading)(person(id))

describe('membership of synced groups', () => {
  test('is loaded once while no group changes', async () => {
    const { store, request } = await setGroups(group('g1', ['u1']))
    const counted = counting(store)
    const memberships = createMemberships({ store: counted.store, nextTurn })
    expect(await isIn(memberships.load(request), 1)).toBe(true)
    expect(await isIn(memberships.load(request), 2)).toBe(false)
    expect(counted.reads()).toBe(1)
  })

  test.each<[string, (stage: Awaited<ReturnType<typeof setGroups>>) => Promise<unknown>, boolean]>([
    ['is made', ({ syncline }) => syncline.resources.upsert(groupScope, group('g2', ['u2'])), true],
    [
      'gets a member',
      ({ syncline }) => syncline.resources.upsert(groupScope, group('g1', ['u1', 'u2'])),
      true,
    ],
    ['is removed', ({ syncline }) => syncline.resources.remove({ ...groupScope, externalId: 'g1' }), false],
    [
      'goes stale',
      async ({ syncline, connector }) => {
        connector.script('group', [[]])
        await syncline.configs.save({ ...groupScope, removalGuard: null })
        await syncline.sync(groupScope)
      },
      false,
    ],
  ])('is loaded again when a group %s', async (_, change, expected) => {
    const stage = await setGroups(group('g1', ['u1']))
    const memberships = createMemberships({ store: stage.store, nextTurn })
    await memberships.load(stage.request)
    await change(stage)
    const of = expected ? 2 : 1
    expect(await isIn(memberships.load(stage.request), of)).toBe(expected)
  })

  test('is loaded once for callers at the same time', async () => {
    const { store, request } = await setGroups(group('g1', ['u1']))
    const counted = counting(store)
    const memberships = createMemberships({ store: counted.store, nextTurn })
    const answers = Array.from({ length: 20 }, () => isIn(memberships.load(request), 1))
    expect(new Set(await Promise.all(answers))).toEqual(new Set([true]))
    expect(counted.reads()).toBe(1)
  })

  test('shows a change that was made while another caller loaded it', async () => {
    const { store, syncline, request } = await setGroups(group('g1', ['u1']))
    const entered = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const counted = counting(store, async (reads) => {
      if (reads > 1) return
      const rows = await store.resources.find({ ...groupScope, limit: 10 })
      entered.resolve()
      await held.promise
      expect(rows).toHaveLength(1)
    })
    const memberships = createMemberships({ store: counted.store, nextTurn })
    const first = memberships.load(request)
    await entered.promise
    await syncline.resources.upsert(groupScope, group('g1', ['u1', 'u2']))
    const second = isIn(memberships.load(request), 2)
    held.resolve()
    await first
    expect(await second).toBe(true)
  })

  test('is loaded again after a load that failed', async () => {
    const { store, request } = await setGroups(group('g1', ['u1']))
    const counted = counting(store, async (reads) => {
      if (reads === 1) throw new Error('store is away')
    })
    const memberships = createMemberships({ store: counted.store, nextTurn })
    await expect(memberships.load(request)).rejects.toThrow('store is away')
    expect(await isIn(memberships.load(request), 1)).toBe(true)
  })

  test('is not that of a connector of the same id that was removed', async () => {
    const stage = await setGroups(group('g1', ['u1']), group('g2', ['u2']))
    const memberships = createMemberships({ store: stage.store, nextTurn })
    await memberships.load(stage.request)
    await stage.syncline.connectors.remove('acme')
    await stage.syncline.connectors.save({ connectorId: 'acme', type: stage.connector.type })
    await expect(memberships.load(stage.request)).rejects.toMatchObject({ code: 'GROUPS_NOT_SYNCED' })
    await stage.clock.advance(60_000)
    stage.connector.script('group', [[group('g1', ['u3'])]])
    await stage.syncline.sync(groupScope)
    expect(await isIn(memberships.load(stage.request), 1)).toBe(false)
    expect(await isIn(memberships.load(stage.request), 3)).toBe(true)
  })

  test('is kept when its changes were pruned', async () => {
    const { store, request, clock } = await setGroups(group('g1', ['u1']))
    await clock.advance(60_000)
    await store.changes.prune({ scope: groupScope, olderThanMs: 1_000, limit: 10 })
    const counted = counting(store)
    const memberships = createMemberships({ store: counted.store, nextTurn })
    for (let call = 0; call < 3; call++) expect(await isIn(memberships.load(request), 1)).toBe(true)
    expect(counted.reads()).toBe(1)
  })

  test('lets the event loop go first while it reads large groups, in small slices', async () => {
    const members = Array.from({ length: 20_000 }, () => randomUUID())
    const { store, request } = await setGroups(
      ...Array.from({ length: 30 }, (_, place) => group(`g${place}`, members)),
    )
    let turns = 0
    const limits: number[] = []
    const find: Store['resources']['find'] = (query) => {
      limits.push(query.limit)
      return store.resources.find(query)
    }
    const memberships = createMemberships({
      store: { ...store, resources: { ...store.resources, find } },
      nextTurn: async () => void (turns += 1),
    })
    await memberships.load(request)
    expect(Math.max(...limits)).toBe(10)
    expect(turns).toBeGreaterThanOrEqual(60)
  })
})

describe('a group in quarantine', () => {
  const tooLarge = group('all', ['x'.repeat(1_048_576)])

  test('ends the run of users that it leaves undecided, and excludes and removes no one', async () => {
    const stage = await setStage([[person(1)]], { group: { pages: [[group('all', ['u1'])]] }, config })
    const sync = (resourceType: string) => stage.syncline.sync({ ...users, resourceType })
    await sync('group')
    expect((await sync('user')).stats).toMatchObject({ added: 1 })
    stage.connector.script('group', [[tooLarge]])
    stage.connector.script('user', [[person(1), person(2)]])
    expect((await sync('group')).stats).toMatchObject({ quarantined: 1 })
    const run = await stage.syncline.sync({ ...users, mode: 'full' })
    expect(run).toMatchObject({
      status: 'error',
      error: { code: 'GROUPS_INCOMPLETE' },
      stats: { excluded: 0 },
    })
    expect(run.error?.message).toContain('"all"')
    expect((await stage.syncline.resources.list({ ...users, stale: false })).total).toBe(1)
    await expect(stage.syncline.resources.upsert(users, person(3))).rejects.toMatchObject({
      code: 'GROUPS_INCOMPLETE',
    })
    expect(await stage.syncline.resources.upsert(users, person(1))).toBe('unchanged')
  })

  test('does not matter to users of the groups that could be read', async () => {
    const groups = [group('readable', ['u1', 'u2']), tooLarge]
    const stage = await setStage([[person(1), person(2)]], { group: { pages: [groups] }, config })
    await stage.syncline.sync(groupScope)
    expect(await stage.syncline.sync(users)).toMatchObject({ status: 'success', stats: { added: 2 } })
  })

  test('is forgotten once it was read, or is gone upstream', async () => {
    for (const next of [[group('all', ['u1'])], []]) {
      const stage = await setStage([[person(1), person(2)]], { group: { pages: [[tooLarge]] }, config })
      await stage.syncline.configs.save({ ...groupScope, removalGuard: null })
      await stage.syncline.sync(groupScope)
      expect((await stage.syncline.sync(users)).error?.code).toBe('GROUPS_INCOMPLETE')
      stage.connector.script('group', [next])
      stage.connector.script('user', [[person(1), person(2)]])
      await stage.syncline.sync({ ...groupScope, mode: 'full' })
      expect((await stage.syncline.sync(users)).status).toBe('success')
    }
  })
})

describe('lastChangeAfter', () => {
  const scope = users
  test.each([0, 1, 2, 3, 7, 8, 9, 1_000])(
    'finds the last of %i changes, from anywhere before it',
    async (last) => {
      let reads = 0
      const changes = (prunedTo: number): Store['changes'] => ({
        async read({ after }) {
          reads += 1
          const { SyncError } = await import('@syncline/core')
          if (after < prunedTo)
            throw new SyncError('CHANGES_EXPIRED', 'pruned', { details: { oldest: prunedTo + 1 } })
          if (after >= last) return []
          const at = new Date(0)
          return [{ ...scope, externalId: '1', resourceId: '1', kind: 'created', position: after + 1, at }]
        },
        prune: async () => ({ count: 0, done: true }),
      })
      for (const prunedTo of [0, Math.floor(last / 2), last]) {
        for (const from of [0, Math.floor(last / 3), last]) {
          expect(await lastChangeAfter(changes(prunedTo), scope, from)).toBe(last)
        }
      }
      expect(reads).toBeLessThan(9 * 25)
    },
  )
})
