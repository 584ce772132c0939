import { describe, expect, test } from 'vitest'
import { localUser, localUsers, people, person, setPeopleStage, staff } from './people-stage.ts'

describe('matching after a sync', () => {
  test('links every live resource whose user is found, and says how', async () => {
    const stage = await setPeopleStage({ users: localUsers('ann', 'bob') })
    await stage.sync(...people('ann', 'bob', 'cleo'))
    expect(await stage.rows()).toEqual(['ann matched user-ann', 'bob matched user-bob', 'cleo unmatched'])
    expect(await stage.row('ann')).toMatchObject({
      matchConfidence: 'exact',
      matchStrategy: 'email',
      externalDisplayName: 'Name of ann',
      externalEmail: 'ann@acme.example',
      evidence: [{ strategy: 'email', key: { value: 'ann@acme.example' }, hits: 1 }],
    })
    const [run] = await stage.syncline.postSync.runs(staff)
    expect(run).toMatchObject({ status: 'success', stats: { matched: 2, unmatched: 1, changed: 3 } })
  })

  test('matching twice changes nothing: no row is written again', async () => {
    const stage = await setPeopleStage({
      users: [...localUsers('ann'), localUser('a2', { email: 'ANN@acme.example' })],
    })
    await stage.sync(...people('ann', 'bob'))
    const before = await stage.syncline.matches.list(staff)
    const run = await stage.syncline.postSync.run(staff)
    expect(run.stats).toMatchObject({ ambiguous: 1, unmatched: 1, changed: 0 })
    expect(await stage.syncline.matches.list(staff)).toEqual(before)
  })

  test('a run that changed nothing has no post-sync', async () => {
    const stage = await setPeopleStage()
    await stage.sync(...people('ann'))
    await stage.sync(...people('ann'))
    expect(await stage.syncline.postSync.runs(staff)).toHaveLength(1)
  })

  test('groups are not matched', async () => {
    const stage = await setPeopleStage()
    const groups = { connectorId: 'hr', resourceType: 'group' }
    await stage.syncline.sync(groups)
    expect(await stage.syncline.postSync.runs(groups)).toEqual([])
  })

  test('pending rows are matched again when users changed', async () => {
    const stage = await setPeopleStage({ users: localUsers('bob') })
    await stage.sync(...people('ann', 'bob'))
    stage.users.put(localUser('ann'))
    stage.users.remove('user-bob')
    await stage.syncline.postSync.run(staff)
    expect(await stage.rows()).toEqual(['ann matched user-ann', 'bob unmatched'])
  })

  test('fallbacks are tried in order; several users end the chain as ambiguous, with candidates', async () => {
    const stage = await setPeopleStage({
      settings: {
        userMatchStrategy: 'external_id',
        userMatchFallbackStrategies: ['email', 'upstream_identity'],
      },
      users: [
        localUser('ann', { sub: 'sub-ann' }),
        localUser('bob'),
        localUser('c1', { email: 'cleo@acme.example' }),
        localUser('c2', { email: 'Cleo@acme.example' }),
        localUser('c3', { email: undefined, upstreamId: 'cleo' }),
      ],
    })
    await stage.sync(person('sub-ann', { email: null }), ...people('bob', 'cleo'))
    expect(await stage.rows()).toEqual(['bob matched user-bob', 'cleo ambiguous', 'sub-ann matched user-ann'])
    expect(await stage.row('bob')).toMatchObject({ matchConfidence: 'probable', matchStrategy: 'email' })
    expect((await stage.row('cleo')).candidateUserIds?.map(({ userId }) => userId)).toEqual([
      'user-c1',
      'user-c2',
    ])
  })

  test('an operator’s rows are never touched', async () => {
    const stage = await setPeopleStage({ users: localUsers('ann', 'bob', 'boss') })
    await stage.sync(...people('ann', 'bob'))
    const { syncline } = stage
    const [ann, bob] = [await stage.row('ann'), await stage.row('bob')]
    const linked = await syncline.matches.resolve({
      ...ann,
      action: 'link',
      userId: 'user-boss',
      resolvedBy: 'op',
    })
    const skipped = await syncline.matches.resolve({ ...bob, action: 'skip', resolvedBy: 'op' })
    await stage.sync(person('ann', { displayName: 'New' }), person('bob', { email: 'other@acme.example' }))
    expect([await stage.row('ann'), await stage.row('bob')]).toEqual([linked, skipped])
    const [run] = await syncline.postSync.runs(staff)
    expect(run?.stats).toMatchObject({ resolved: 2, matched: 0, changed: 0 })
  })

  test('a row moves with its resource through stale, purge and return', async () => {
    const stage = await setPeopleStage({ users: localUsers('ann'), settings: { staleRetention: '1h' } })
    await stage.sync(...people('ann', 'bob'))
    const before = await stage.row('ann')
    await stage.sync(...people('bob'))
    await stage.clock.advance(2 * 3_600_000)
    await stage.sync(...people('bob', 'cleo'))
    expect(await stage.syncline.resources.get({ ...staff, externalId: 'ann' })).toBeUndefined()
    expect(await stage.row('ann')).toEqual(before)
    await stage.sync(...people('ann', 'bob', 'cleo'))
    const after = await stage.row('ann')
    expect(after).toMatchObject({ matchId: before.matchId, userId: 'user-ann', createdAt: before.createdAt })
    expect(after.connectorResourceId).not.toBe(before.connectorResourceId)
  })

  test('nothing is done to users unless it is asked for', async () => {
    const stage = await setPeopleStage({ users: localUsers('ann') })
    await stage.sync(...people('ann', 'bob'))
    await stage.sync()
    expect(stage.statuses()).toEqual(['user-ann active'])
    expect(await stage.syncline.postSync.actions()).toEqual([])
  })
})

describe('a failing look-up', () => {
  test('fails the step, leaves every match as it was, and never changes the status of the sync', async () => {
    const stage = await setPeopleStage({
      users: localUsers('ann', 'bob'),
      manual: true,
      settings: { createUsers: true },
    })
    await stage.sync(...people('ann', 'bob'))
    await stage.syncline.postSync.run(staff)
    const before = await stage.syncline.matches.list(staff)
    let calls = 0
    const failing = stage.another({
      automaticPostSync: true,
      users: {
        ...stage.users,
        async findByKeys() {
          calls += 1
          throw new Error('connection lost')
        },
      },
    })
    await stage.configure({ userMatchStrategy: 'external_id' })
    await stage.syncline.resources.upsert(staff, person('cleo'))
    const run = await failing.sync(staff)
    expect(calls).toBe(1)
    expect(run.status).toBe('success')
    const [failed] = await stage.syncline.postSync.runs(staff)
    expect(failed).toMatchObject({ status: 'error', error: { code: 'USER_DIRECTORY_FAILED' } })
    expect(failed?.error?.message).toContain('connection lost')
    expect(await stage.syncline.matches.list(staff)).toEqual(before)
    expect(stage.statuses()).toEqual(['user-ann active', 'user-bob active'])
  })

  test('is tried again by start() once its wait is over', async () => {
    const stage = await setPeopleStage({ users: localUsers('ann') })
    let failures = 1
    const syncline = stage.another({
      users: {
        ...stage.users,
        async findByKeys(lookup) {
          if (failures-- > 0) throw new Error('connection lost')
          return stage.users.findByKeys(lookup)
        },
      },
    })
    await stage.syncline.resources.upsert(staff, person('ann'))
    await syncline.start()
    await stage.clock.advance(0)
    expect(await stage.rows()).toEqual([])
    await stage.clock.advance(60_000)
    await syncline.stop()
    expect(failures).toBe(-1)
    expect(await stage.rows()).toEqual(['ann matched user-ann'])
  })
})
