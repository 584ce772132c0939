import { describe, expect, test } from 'vitest'
import { localUsers, otherStaff, people, person, setPeopleStage, staff } from './people-stage.ts'

const setScene = () => setPeopleStage({ users: localUsers('ann', 'boss') })

describe('resolve', () => {
  test('link: to this user, whatever post-sync finds, with who, when and why', async () => {
    const stage = await setScene()
    await stage.sync(...people('ann'))
    const row = await stage.row('ann')
    const notes = 'Verified with HR'
    const linked = await stage.syncline.matches.resolve({
      ...row,
      action: 'link',
      userId: 'user-boss',
      notes,
      resolvedBy: 'op',
    })
    expect(linked).toMatchObject({
      matchId: row.matchId,
      userId: 'user-boss',
      matchStatus: 'manual_override',
      resolutionNotes: notes,
      resolvedBy: 'op',
    })
    expect(linked.resolvedAt).toBeInstanceOf(Date)
    expect(linked.matchStrategy).toBeUndefined()
    const [entry] = await stage.syncline.postSync.actions()
    expect(entry).toMatchObject({
      kind: 'link',
      status: 'done',
      by: 'op',
      reason: notes,
      before: { matchStatus: 'matched', userId: 'user-ann' },
      after: { matchStatus: 'manual_override', userId: 'user-boss' },
    })
  })

  test('skip: to nobody', async () => {
    const stage = await setScene()
    await stage.sync(...people('ann'))
    const row = await stage.syncline.matches.resolve({
      ...(await stage.row('ann')),
      action: 'skip',
      resolvedBy: 'op',
    })
    expect(row).toMatchObject({ matchStatus: 'skipped', matchConfidence: 'none' })
    expect(row.userId).toBeUndefined()
  })

  test('create: a new unconfirmed user with the e-mail and the defaults, linked for good', async () => {
    const stage = await setPeopleStage({
      settings: { userMatchStrategy: 'external_id', createUserDefaults: { location: 'Remote' } },
    })
    await stage.sync(...people('ann'))
    const row = await stage.row('ann')
    const made = await stage.syncline.matches.resolve({ ...row, action: 'create', resolvedBy: 'op' })
    expect(made).toMatchObject({
      matchStatus: 'matched',
      matchConfidence: 'exact',
      userId: 'made-1',
      resolvedBy: 'op',
    })
    expect(stage.statuses()).toEqual(['made-1 unconfirmed'])
    expect(await stage.profile('made-1')).toEqual({ location: 'Remote' })
    expect(await stage.syncline.matches.resolve({ ...row, action: 'create', resolvedBy: 'op' })).toEqual(made)
    await stage.syncline.postSync.run(staff)
    expect(await stage.row('ann')).toEqual(made)
    expect(await stage.journal()).toEqual(['create done ann'])
  })

  test('create without an e-mail is MATCH_EMAIL_MISSING, with one that exists USER_EXISTS; nothing changes', async () => {
    const stage = await setPeopleStage({
      settings: { userMatchStrategy: 'external_id' },
      users: localUsers('ann'),
    })
    await stage.sync(person('ann', { email: 'ANN@acme.example' }), person('bob', { email: null }))
    const { matches } = stage.syncline
    for (const [id, code] of [
      ['ann', 'USER_EXISTS'],
      ['bob', 'MATCH_EMAIL_MISSING'],
    ] as const) {
      const row = await stage.row(id)
      await expect(matches.resolve({ ...row, action: 'create', resolvedBy: 'op' })).rejects.toMatchObject({
        code,
      })
      expect(await stage.row(id)).toEqual(row)
    }
    expect(stage.statuses()).toEqual(['user-ann active'])
    expect(await stage.journal()).toEqual([])
  })

  test('repeating a resolution changes nothing', async () => {
    const stage = await setScene()
    await stage.sync(...people('ann'))
    const request = {
      ...(await stage.row('ann')),
      action: 'link',
      userId: 'user-boss',
      resolvedBy: 'op',
    } as const
    const first = await stage.syncline.matches.resolve(request)
    expect(await stage.syncline.matches.resolve({ ...request, resolvedBy: 'another' })).toEqual(first)
    expect(await stage.journal()).toEqual(['link done ann'])
  })

  test('of operators at the same time every decision is in the journal, and the last stands', async () => {
    const stage = await setScene()
    await stage.sync(...people('ann'))
    const row = await stage.row('ann')
    const { matches } = stage.syncline
    await Promise.all([
      matches.resolve({ ...row, action: 'skip', resolvedBy: 'one' }),
      matches.resolve({ ...row, action: 'link', userId: 'user-boss', resolvedBy: 'two' }),
    ])
    const [last] = await stage.syncline.postSync.actions()
    expect(await stage.journal()).toHaveLength(2)
    expect((await stage.row('ann')).matchStatus).toBe(last?.after.matchStatus)
  })

  test.each([
    [{ action: 'link', resolvedBy: 'op' }, 'RESOLUTION_INVALID'],
    [{ action: 'drop', resolvedBy: 'op' }, 'RESOLUTION_INVALID'],
    [{ action: 'skip', resolvedBy: '' }, 'RESOLUTION_INVALID'],
    [{ action: 'link', userId: 'nobody', resolvedBy: 'op' }, 'USER_NOT_FOUND'],
    [{ action: 'skip', resolvedBy: 'op', matchId: 'nothing' }, 'MATCH_NOT_FOUND'],
    [{ action: 'skip', resolvedBy: 'op', connectorId: 'hr-2' }, 'MATCH_NOT_FOUND'],
  ])('%o is %s', async (change, code) => {
    const stage = await setScene()
    await stage.sync(...people('ann'))
    const { connectorId, matchId } = await stage.row('ann')
    const request = { connectorId, matchId, ...change } as never
    await expect(stage.syncline.matches.resolve(request)).rejects.toMatchObject({ code })
  })
})

describe('unlink', () => {
  test('takes user and resolution away, for the next post-sync to decide', async () => {
    const stage = await setScene()
    await stage.sync(...people('ann'))
    const row = await stage.row('ann')
    await stage.syncline.matches.resolve({
      ...row,
      action: 'link',
      userId: 'user-boss',
      notes: 'x',
      resolvedBy: 'op',
    })
    const unlinked = await stage.syncline.matches.unlink({ ...row, resolvedBy: 'op-2' })
    expect(unlinked).toMatchObject({ matchStatus: 'unmatched', matchConfidence: 'none', evidence: [] })
    const { userId, resolvedBy, resolvedAt, resolutionNotes } = unlinked
    expect([userId, resolvedBy, resolvedAt, resolutionNotes]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(await stage.syncline.matches.unlink({ ...row, resolvedBy: 'op-2' })).toEqual(unlinked)
    expect(await stage.journal()).toEqual(['link done ann', 'unlink done ann'])
    await stage.syncline.postSync.run(staff)
    expect(await stage.rows()).toEqual(['ann matched user-ann'])
  })
})

describe('bulkResolve', () => {
  test('one decision about many rows, those of the connector only', async () => {
    const stage = await setScene()
    await stage.sync(...people('ann', 'bob'))
    await stage.syncline.resources.upsert(otherStaff, person('x'))
    await stage.syncline.postSync.run(otherStaff)
    const rows = [await stage.row('ann'), await stage.row('bob'), await stage.row('x', otherStaff)]
    const matchIds = [...rows.map(({ matchId }) => matchId), 'nothing']
    const { matches } = stage.syncline
    const request = {
      connectorId: 'hr',
      matchIds,
      action: 'link',
      userId: 'user-boss',
      resolvedBy: 'op',
    } as const
    expect(await matches.bulkResolve(request)).toEqual({ updated: 2 })
    expect(await matches.bulkResolve(request)).toEqual({ updated: 2 })
    expect(await stage.rows()).toEqual(['ann manual_override user-boss', 'bob manual_override user-boss'])
    expect(await stage.rows(otherStaff)).toEqual(['x unmatched'])
    expect((await stage.journal()).toSorted()).toEqual(['link done ann', 'link done bob'])
    await expect(matches.bulkResolve({ ...request, matchIds: [] })).rejects.toMatchObject({
      code: 'RESOLUTION_INVALID',
    })
  })
})

describe('reading', () => {
  test('lists in pages, by status and search, and counts by status', async () => {
    const stage = await setScene()
    await stage.sync(...people('ann', 'bob', 'bobby'))
    const { matches } = stage.syncline
    expect(
      await matches.list({ ...staff, status: 'unmatched', search: 'BOB', page: 2, pageSize: 1 }),
    ).toMatchObject({
      data: [{ externalId: 'bobby' }],
      total: 2,
      totalPages: 2,
    })
    expect(await matches.stats(staff)).toMatchObject({ matched: 1, unmatched: 2, skipped: 0 })
  })

  test('without users everything about people is POST_SYNC_UNAVAILABLE, and syncing works', async () => {
    const stage = await setPeopleStage({ options: { users: undefined } })
    expect((await stage.sync(...people('ann'))).status).toBe('success')
    await expect(stage.syncline.postSync.run(staff)).rejects.toMatchObject({ code: 'POST_SYNC_UNAVAILABLE' })
    await expect(stage.syncline.matches.stats(staff)).rejects.toMatchObject({ code: 'POST_SYNC_UNAVAILABLE' })
  })
})
