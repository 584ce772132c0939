import { describe, expect, test } from 'vitest'
import { localUser, localUsers, otherStaff, people, person, setPeopleStage, staff } from './people-stage.ts'

describe('createUsers', () => {
  const settings = { createUsers: true }

  test('makes an unconfirmed user for whoever nobody is found for, and links it as exact', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann') })
    await stage.sync(...people('ann', 'bob'), person('cleo', { email: null }))
    expect(await stage.rows()).toEqual(['ann matched user-ann', 'bob matched made-1', 'cleo unmatched'])
    expect(stage.statuses()).toEqual(['made-1 unconfirmed', 'user-ann active'])
    expect(await stage.row('bob')).toMatchObject({ matchConfidence: 'exact' })
    expect(await stage.journal()).toEqual(['create done bob'])
    const [run] = await stage.syncline.postSync.runs(staff)
    expect(run?.stats).toMatchObject({ matched: 2, unmatched: 1, created: 1, createFailed: 0, pending: 0 })
  })

  test('running again makes nobody and writes nothing', async () => {
    const stage = await setPeopleStage({ settings })
    await stage.sync(...people('ann', 'bob'))
    const before = await stage.syncline.matches.list(staff)
    const run = await stage.syncline.postSync.run(staff)
    expect(run.stats).toMatchObject({ created: 0, changed: 0, matched: 2 })
    expect(await stage.syncline.matches.list(staff)).toEqual(before)
    expect(await stage.journal()).toHaveLength(2)
  })

  test('a link to the user who was made stays, also where no strategy finds that user', async () => {
    const stage = await setPeopleStage({ settings: { ...settings, userMatchStrategy: 'external_id' } })
    await stage.sync(...people('ann'))
    await stage.sync(person('ann', { email: 'married@acme.example' }))
    expect(await stage.rows()).toEqual(['ann matched made-1'])
    expect(stage.statuses()).toEqual(['made-1 unconfirmed'])
  })

  test('an e-mail that somebody has is a problem of that row only', async () => {
    const stage = await setPeopleStage({
      settings: { ...settings, userMatchStrategy: 'external_id' },
      users: localUsers('ann'),
    })
    await stage.sync(...people('ann', 'bob'))
    expect(await stage.rows()).toEqual(['ann unmatched', 'bob matched made-1'])
    expect((await stage.row('ann')).problem).toMatchObject({ code: 'USER_EXISTS' })
    expect((await stage.syncline.postSync.run(staff)).stats.changed).toBe(0)
    stage.users.remove('user-ann')
    await stage.syncline.postSync.run(staff)
    expect(await stage.rows()).toEqual(['ann matched made-2', 'bob matched made-1'])
  })

  test('of several resources with one e-mail the first by external id gets the user', async () => {
    const email = 'same@acme.example'
    for (const postSyncBatch of [1, 2, 100]) {
      const stage = await setPeopleStage({
        settings: { ...settings, userMatchStrategy: 'external_id' },
        options: { limits: { postSyncBatch } },
      })
      await stage.sync(
        person('b', { email }),
        person('a', { email: 'SAME@acme.example' }),
        person('c', { email }),
      )
      expect(await stage.rows()).toEqual(['a matched made-1', 'b unmatched', 'c unmatched'])
      expect(await stage.journal()).toEqual(['create done a', 'create failed b', 'create failed c'])
      await stage.syncline.postSync.run(staff)
      expect(await stage.journal()).toHaveLength(3)
    }
  })

  test('nobody is made twice for a person whose e-mail changed: the user they had is still there', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann') })
    await stage.sync(...people('ann'))
    await stage.sync(person('ann', { email: 'married@acme.example' }))
    expect(stage.statuses()).toEqual(['user-ann active'])
    const row = await stage.row('ann')
    expect(row).toMatchObject({
      matchStatus: 'unmatched',
      problem: { code: 'USER_LINK_LOST', userId: 'user-ann' },
    })
    expect((await stage.syncline.postSync.run(staff)).stats.changed).toBe(0)
    stage.users.remove('user-ann')
    await stage.syncline.postSync.run(staff)
    expect(await stage.rows()).toEqual(['ann matched made-1'])
  })

  test('a new profile begins with the defaults, and the rules over them; later syncs do not bring defaults back', async () => {
    const stage = await setPeopleStage({
      settings: {
        ...settings,
        createUserDefaults: { location: 'Remote', title: 'New' },
        attributeMappings: [
          {
            sourcePath: 'attributes.title',
            targetField: 'title',
            writeMode: 'overwrite_always',
            enabled: true,
          },
        ],
      },
    })
    await stage.sync(person('ann', { attributes: { title: 'Boss' } }))
    expect(await stage.profile('made-1')).toEqual({ location: 'Remote', title: 'Boss' })
    const [profile] = await stage.profiles.read(['made-1'])
    expect(profile?.attributeSources).toMatchObject({
      location: { source: 'connector', connectorId: 'hr' },
      title: { sourcePath: 'attributes.title' },
    })
    expect(profile?.attributeSources.location?.sourcePath).toBeUndefined()
    const source = { source: 'connector', ...staff } as const
    await stage.profiles.write([
      {
        tenantId: 'default',
        userId: 'made-1',
        version: profile?.version ?? '',
        changes: [{ field: 'location', source }],
      },
    ])
    await stage.sync(person('ann', { attributes: { title: 'Chief' } }))
    expect(await stage.profile('made-1')).toEqual({ title: 'Chief' })
  })
})

describe('deactivateUsers', () => {
  const settings = { deactivateUsers: true }

  test('deactivates who is not listed any more, once, and writes down why', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann', 'bob', 'cleo') })
    await stage.sync(...people('ann', 'bob'))
    await stage.sync(...people('bob'))
    await stage.syncline.postSync.run(staff)
    expect(stage.statuses()).toEqual(['user-ann deactivated', 'user-bob active', 'user-cleo active'])
    const actions = await stage.syncline.postSync.actions()
    expect(actions).toHaveLength(1)
    expect(actions[0]).toMatchObject({
      kind: 'deactivate',
      status: 'done',
      userId: 'user-ann',
      externalId: 'ann',
      by: 'post-sync',
      before: { status: 'active' },
      after: { status: 'deactivated' },
    })
    expect(actions[0]?.reason).toMatch(/^Not listed upstream any more since 2026-/)
  })

  test('and whose resource is gone for good, when it could not be done before', async () => {
    const stage = await setPeopleStage({ users: localUsers('ann') })
    await stage.sync(...people('ann'))
    await stage.syncline.resources.remove({ ...staff, externalId: 'ann' })
    await stage.configure(settings)
    await stage.syncline.postSync.run(staff)
    expect(stage.statuses()).toEqual(['user-ann deactivated'])
  })

  test('who returns is reactivated, in the status they had', async () => {
    const stage = await setPeopleStage({
      settings,
      users: [localUser('ann', { status: 'unconfirmed' }), localUser('bob')],
    })
    await stage.sync(...people('ann', 'bob'))
    await stage.sync()
    await stage.sync(...people('ann', 'bob'))
    expect(stage.statuses()).toEqual(['user-ann unconfirmed', 'user-bob active'])
    expect((await stage.journal()).toSorted()).toEqual([
      'deactivate done ann',
      'deactivate done bob',
      'reactivate done ann',
      'reactivate done bob',
    ])
    await stage.sync(...people('bob'))
    expect(stage.statuses()).toEqual(['user-ann deactivated', 'user-bob active'])
  })

  test('whoever the host deactivated stays deactivated', async () => {
    const stage = await setPeopleStage({ settings, users: [localUser('ann', { status: 'deactivated' })] })
    await stage.sync(...people('ann'))
    await stage.sync()
    await stage.sync(...people('ann'))
    expect(stage.statuses()).toEqual(['user-ann deactivated'])
    expect(await stage.journal()).toEqual([])
  })

  test('whoever the host brought back is left alone until the resource has returned and gone again', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann') })
    await stage.sync(...people('ann', 'bob'))
    await stage.sync(...people('bob'))
    stage.users.put(localUser('ann'))
    await stage.sync(...people('bob', 'cleo'))
    await stage.syncline.postSync.run(staff)
    expect(stage.statuses()).toEqual(['user-ann active'])
    await stage.sync(...people('ann', 'bob'))
    await stage.clock.advance(1_000)
    await stage.sync(...people('bob'))
    expect(stage.statuses()).toEqual(['user-ann deactivated'])
  })

  test('never a user with a row in another connector, live or not', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann') })
    await stage.syncline.resources.upsert(otherStaff, person('x', { email: 'ann@acme.example' }))
    await stage.syncline.postSync.run(otherStaff)
    await stage.syncline.resources.remove({ ...otherStaff, externalId: 'x' })
    await stage.sync(...people('ann'))
    await stage.sync()
    expect(stage.statuses()).toEqual(['user-ann active'])
  })

  test('never a user whom another live resource of the scope leads to', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann') })
    const second = person('ann-2', { email: 'ann@acme.example' })
    await stage.sync(...people('ann'), second)
    await stage.clock.advance(1_000)
    await stage.sync(second)
    expect(stage.statuses()).toEqual(['user-ann active'])
    await stage.sync()
    expect(stage.statuses()).toEqual(['user-ann deactivated'])
    expect(await stage.journal()).toHaveLength(1)
    await stage.sync(second)
    expect(stage.statuses()).toEqual(['user-ann active'])
  })

  test('a resource that came later and finds a deactivated user does not bring them back', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann') })
    await stage.sync(...people('ann'))
    await stage.sync()
    await stage.clock.advance(1_000)
    await stage.sync(person('another', { email: 'ann@acme.example' }))
    expect(await stage.rows()).toEqual(['ann matched user-ann', 'another matched user-ann'])
    expect(stage.statuses()).toEqual(['user-ann deactivated'])
  })

  test.each([
    ['a list', ['user-ann']],
    ['a rule', ({ email }: { email?: string | undefined }) => email === 'ann@acme.example'],
  ])('never a user who is exempt by %s', async (_, exemptUsers) => {
    const stage = await setPeopleStage({
      settings,
      users: localUsers('ann', 'bob'),
      options: { exemptUsers },
    })
    await stage.sync(...people('ann', 'bob'))
    await stage.sync()
    expect(stage.statuses()).toEqual(['user-ann active', 'user-bob deactivated'])
  })

  test('an operator’s link counts like any other', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('boss') })
    await stage.sync(...people('ann'))
    const row = await stage.row('ann')
    await stage.syncline.matches.resolve({ ...row, action: 'link', userId: 'user-boss', resolvedBy: 'op' })
    await stage.sync()
    expect(stage.statuses()).toEqual(['user-boss deactivated'])
  })
})

describe('the deactivation guard', () => {
  const names = Array.from({ length: 20 }, (_, index) => `p${String(index).padStart(2, '0')}`)
  const guarded = (guard: object) => ({ deactivateUsers: true, deactivationGuard: guard as never })

  test.each([
    { guard: { minUsers: 3, percent: 0 }, leavers: 3, status: 'success' },
    { guard: { minUsers: 3, percent: 0 }, leavers: 4, status: 'guarded' },
    { guard: { minUsers: 0, percent: 20 }, leavers: 4, status: 'success' },
    { guard: { minUsers: 0, percent: 20 }, leavers: 5, status: 'guarded' },
    { guard: { minUsers: 0, percent: 100, maxUsers: 2 }, leavers: 2, status: 'success' },
    { guard: { minUsers: 0, percent: 100, maxUsers: 2 }, leavers: 3, status: 'guarded' },
  ])(
    '$guard of 20 with $leavers leavers: $status, and all or nothing happens',
    async ({ guard, leavers, status }) => {
      const stage = await setPeopleStage({
        settings: guarded(guard),
        users: localUsers(...names),
        options: { limits: { postSyncBatch: 3 } },
      })
      await stage.sync(...people(...names))
      await stage.sync(...people(...names.slice(leavers)))
      const [run] = await stage.syncline.postSync.runs(staff)
      expect(run).toMatchObject({
        status,
        guard: { linked: 20, candidates: leavers, tripped: status === 'guarded' },
      })
      const deactivated = stage.statuses().filter((user) => user.endsWith('deactivated'))
      expect(deactivated).toHaveLength(status === 'guarded' ? 0 : leavers)
    },
  )

  test('what it keeps back happens by an approved plan, in the name of who approved', async () => {
    const stage = await setPeopleStage({
      settings: guarded({ minUsers: 1, percent: 0 }),
      users: localUsers(...names),
    })
    await stage.sync(...people(...names))
    await stage.sync(...people(...names.slice(2)))
    const { syncline } = stage
    const plan = await syncline.postSync.plan(staff)
    expect(plan.guard.tripped).toBe(true)
    expect(plan.deactivations.map(({ userId }) => userId)).toEqual(['user-p00', 'user-p01'])
    expect((await syncline.postSync.apply(plan)).status).toBe('guarded')
    expect(await stage.journal()).toEqual([])
    expect((await syncline.postSync.apply(plan, { approvedBy: 'boss' })).status).toBe('success')
    expect(stage.statuses().slice(0, 3)).toEqual([
      'user-p00 deactivated',
      'user-p01 deactivated',
      'user-p02 active',
    ])
    expect((await syncline.postSync.actions()).map(({ by }) => by)).toEqual(['boss', 'boss'])
    await stage.sync(...people(...names))
    expect(stage.statuses().every((user) => user.endsWith(' active'))).toBe(true)
  })
})

describe('undo', () => {
  const settings = { deactivateUsers: true, createUsers: true }

  test('brings a deactivated user back, and post-sync does not deactivate them again for the same absence', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann') })
    await stage.sync(...people('ann'))
    await stage.sync()
    const [action] = await stage.syncline.postSync.actions()
    const undo = await stage.syncline.postSync.undo({ actionId: action?.actionId ?? '', by: 'op' })
    expect(undo).toMatchObject({ kind: 'reactivate', status: 'done', undoes: action?.actionId, by: 'op' })
    await stage.syncline.postSync.run(staff)
    expect(stage.statuses()).toEqual(['user-ann active'])
    await stage.sync(...people('ann'))
    await stage.clock.advance(1_000)
    await stage.sync()
    expect(stage.statuses()).toEqual(['user-ann deactivated'])
  })

  test('deactivates a user who was made, and nobody is made for the resource again', async () => {
    const stage = await setPeopleStage({ settings })
    await stage.sync(...people('ann'))
    const [action] = await stage.syncline.postSync.actions()
    await stage.syncline.postSync.undo({ actionId: action?.actionId ?? '', by: 'op' })
    await stage.syncline.postSync.run(staff)
    expect(stage.statuses()).toEqual(['made-1 deactivated'])
    expect(await stage.rows()).toEqual(['ann skipped'])
  })

  test('undoing twice answers the same entry, and what was followed by another action cannot be undone', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann') })
    const { postSync } = stage.syncline
    await stage.sync(...people('ann'))
    await stage.sync()
    await stage.sync(...people('ann'))
    const [back, gone] = await postSync.actions()
    const undo = await postSync.undo({ actionId: back?.actionId ?? '', by: 'op' })
    expect(await postSync.undo({ actionId: back?.actionId ?? '', by: 'op' })).toEqual(undo)
    await expect(postSync.undo({ actionId: gone?.actionId ?? '', by: 'op' })).rejects.toMatchObject({
      code: 'ACTION_NOT_UNDOABLE',
    })
    await expect(postSync.undo({ actionId: 'nothing', by: 'op' })).rejects.toMatchObject({
      code: 'ACTION_NOT_FOUND',
    })
    await postSync.run(staff)
    expect(stage.statuses()).toEqual(['user-ann deactivated'])
  })
})

describe('attribute mapping', () => {
  test('writes what changed, and nothing twice', async () => {
    const stage = await setPeopleStage({
      users: localUsers('ann'),
      settings: {
        attributeMappings: [
          {
            sourcePath: 'attributes.dept',
            targetField: 'department',
            writeMode: 'overwrite_always',
            enabled: true,
          },
          {
            sourcePath: 'attributes.dept',
            targetField: 'title',
            writeMode: 'overwrite_always',
            transform: 'upper()',
            enabled: true,
          },
        ],
      },
    })
    await stage.sync(person('ann', { attributes: { dept: 'R&D' } }))
    expect(await stage.profile('user-ann')).toEqual({ department: 'R&D' })
    const run = await stage.syncline.postSync.run(staff)
    expect(run.stats.profilesUpdated).toBe(0)
    expect((await stage.syncline.postSync.plan(staff)).skippedRules).toHaveLength(1)
  })

  test('of several live resources with one user the first by external id writes the profile', async () => {
    const email = 'ann@acme.example'
    for (const postSyncBatch of [1, 100]) {
      const stage = await setPeopleStage({
        users: localUsers('ann'),
        options: { limits: { postSyncBatch } },
        settings: {
          attributeMappings: [
            {
              sourcePath: 'externalId',
              targetField: 'employeeId',
              writeMode: 'overwrite_always',
              enabled: true,
            },
          ],
        },
      })
      await stage.sync(person('b', { email }), person('a', { email }))
      expect(await stage.profile('user-ann')).toEqual({ employeeId: 'a' })
      expect((await stage.syncline.postSync.run(staff)).stats.profilesUpdated).toBe(0)
      await stage.sync(person('b', { email }))
      expect(await stage.profile('user-ann')).toEqual({ employeeId: 'b' })
    }
  })
})
