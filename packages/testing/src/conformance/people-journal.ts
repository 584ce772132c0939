import { deepEqual, equal, ok } from 'node:assert/strict'
import { otherStaff, staff, tenantId } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { prepareScopes } from './passes.ts'
import { commitParts, done, jobOf, newAction, nextActionId, owner, peopleOf } from './people-builders.ts'

export function testPeopleJournal(suite: StoreSuite): void {
  storeCases(suite, 'PeopleStore: the journal', testJournal)
  storeCases(suite, 'PeopleStore: jobs', testJobs)
}

const testJournal: Parameters<typeof storeCases>[2] = (test) => {
  test('is read newest first, in pages, by every field of a query', async ({ store }) => {
    await prepareScopes(store, staff, otherStaff)
    const runId = nextActionId()
    await done(store, { externalId: 'a', userId: 'u1', kind: 'create', runId })
    await done(store, { externalId: 'b', userId: 'u2' })
    await done(store, { externalId: 'a', userId: 'u1' })
    await done(store, { externalId: 'a', userId: 'u1' }, otherStaff)
    const read = async (query: object): Promise<string[]> =>
      (await peopleOf(store).actions({ limit: 10, ...query })).map(
        ({ connectorId, externalId, kind }) => `${connectorId} ${externalId} ${kind}`,
      )
    deepEqual(await read({}), ['hr-2 a deactivate', 'hr a deactivate', 'hr b deactivate', 'hr a create'])
    deepEqual(await read({ ...staff, externalId: 'a' }), ['hr a deactivate', 'hr a create'])
    deepEqual(await read({ kind: 'create' }), ['hr a create'])
    deepEqual(await read({ userId: 'u2' }), ['hr b deactivate'])
    deepEqual(await read({ runId }), ['hr a create'])
    const [, second] = await peopleOf(store).actions({ limit: 2 })
    ok(second)
    deepEqual(await read({ before: second.position }), ['hr b deactivate', 'hr a create'])
  })

  test('positions grow in the order of recording', async ({ store }) => {
    await prepareScopes(store, staff)
    await commitParts(store, { actions: ['a', 'b', 'c'].map((externalId) => newAction({ externalId })) })
    await commitParts(store, { actions: [newAction({ externalId: 'd' })] })
    const actions = (await peopleOf(store).actions({ limit: 10 })).toReversed()
    deepEqual(
      actions.map(({ externalId }) => externalId),
      ['a', 'b', 'c', 'd'],
    )
    ok(actions.every(({ position }, index) => index === 0 || position > (actions[index - 1]?.position ?? 0)))
  })

  test('openActions answers what nobody settled, in order, with its age, in slices', async ({
    store,
    timePasses,
  }) => {
    await prepareScopes(store, staff, otherStaff)
    const actions = ['a', 'b', 'c'].map((externalId) => newAction({ externalId }))
    await commitParts(store, { actions })
    await done(store)
    await commitParts(store, { scope: otherStaff, actions: [newAction()] })
    await commitParts(store, { settled: [{ actionId: actions[1]?.actionId ?? '', status: 'abandoned' }] })
    await timePasses(5_000)
    const open = await peopleOf(store).openActions({ scope: staff, after: 0, limit: 10 })
    deepEqual(
      open.map(({ externalId, status }) => [externalId, status]),
      [
        ['a', 'intended'],
        ['c', 'intended'],
      ],
    )
    ok(open.every(({ ageMs }) => ageMs >= 5_000 && ageMs < 60_000))
    const [first] = await peopleOf(store).openActions({ scope: staff, after: 0, limit: 1 })
    const rest = await peopleOf(store).openActions({ scope: staff, after: first?.position ?? 0, limit: 10 })
    deepEqual([first?.externalId, ...rest.map(({ externalId }) => externalId)], ['a', 'c'])
  })

  test('lastActions: the last that was done to each user, of those that change users', async ({ store }) => {
    await prepareScopes(store, staff, otherStaff)
    await done(store, { userId: 'u1', kind: 'create' })
    await done(store, { userId: 'u1', kind: 'deactivate' }, otherStaff)
    await done(store, { userId: 'u1', kind: 'link' })
    await commitParts(store, { actions: [newAction({ userId: 'u1', kind: 'reactivate' })] })
    await done(store, { userId: 'u2', kind: 'skip' })
    const last = await peopleOf(store).lastActions(['u1', 'u2', 'u1'], owner)
    deepEqual(
      last.map(({ userId, kind, connectorId }) => [userId, kind, connectorId]),
      [['u1', 'deactivate', 'hr-2']],
    )
  })

  test('an action counts from when it was done, and for the user it was settled with', async ({ store }) => {
    await prepareScopes(store, staff)
    const action = newAction({ kind: 'create', userId: undefined, before: {} })
    await commitParts(store, { actions: [action] })
    deepEqual(await peopleOf(store).lastActions(['u1'], owner), [])
    await commitParts(store, { settled: [{ actionId: action.actionId, status: 'done', userId: 'u1' }] })
    equal((await peopleOf(store).lastActions(['u1'], owner)).length, 1)
  })

  test('deactivations: those of the scope that nothing followed, in order, in slices', async ({ store }) => {
    await prepareScopes(store, staff, otherStaff)
    await done(store, { externalId: 'a', userId: 'u1' })
    await done(store, { externalId: 'b', userId: 'u2' })
    await done(store, { externalId: 'c', userId: 'u3' })
    await done(store, { externalId: 'b', userId: 'u2', kind: 'reactivate' })
    await done(store, { externalId: 'x', userId: 'u4' }, otherStaff)
    await done(store, { externalId: 'c', userId: 'u3', kind: 'unlink' })
    const read = (after: number, limit: number) =>
      peopleOf(store).deactivations({ scope: staff, tenantId, after, limit })
    const all = await read(0, 10)
    deepEqual(
      all.map(({ externalId }) => externalId),
      ['a', 'c'],
    )
    const [first] = await read(0, 1)
    deepEqual(await read(first?.position ?? 0, 10), all.slice(1))
  })

  test('staleSince and documents of an action are kept exactly', async ({ store }) => {
    await prepareScopes(store, staff)
    const staleSince = new Date('2026-03-04T05:06:07.089Z')
    const after = { email: '\u{1F511}@x.example', profile: [{ field: 'title', to: 1.5 }], no: null }
    const action = newAction({ staleSince, after, undoes: nextActionId() })
    await commitParts(store, { actions: [action] })
    const kept = await peopleOf(store).action(action.actionId)
    deepEqual(
      [kept?.staleSince?.getTime(), kept?.after, kept?.undoes],
      [staleSince.getTime(), after, action.undoes],
    )
  })
}

const testJobs: Parameters<typeof storeCases>[2] = (test) => {
  const claim = (store: Parameters<typeof peopleOf>[0], limit = 10) =>
    peopleOf(store).claimJobs({ limit, leaseMs: 30_000 })

  test('a job is recorded once by its key and claimed as it was recorded, in order', async ({ store }) => {
    await prepareScopes(store, staff)
    await commitParts(store, { jobs: [jobOf('2'), jobOf('1')] })
    await commitParts(store, { jobs: [jobOf('2'), jobOf('3')] })
    deepEqual(await claim(store), [jobOf('2'), jobOf('1'), jobOf('3')])
  })

  test('of any number of claimants one gets a job', async ({ store }) => {
    await prepareScopes(store, staff)
    await commitParts(store, { jobs: Array.from({ length: 20 }, (_, index) => jobOf(`${index}`)) })
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(store, 5)))
    const keys = claims.flat().map(({ idempotencyKey }) => idempotencyKey)
    equal(new Set(keys).size, keys.length)
    equal([...keys, ...(await claim(store, 20)).map(({ idempotencyKey }) => idempotencyKey)].length, 20)
  })

  test('a job whose claim ended is claimed again, one that was delivered is not', async ({
    store,
    timePasses,
  }) => {
    await prepareScopes(store, staff)
    await commitParts(store, { jobs: [jobOf('1'), jobOf('2')] })
    await claim(store)
    deepEqual(await claim(store), [])
    await peopleOf(store).deliveredJobs(['1', 'unknown'])
    await peopleOf(store).deliveredJobs(['1'])
    await timePasses(31_000)
    deepEqual(await claim(store), [jobOf('2')])
  })

  test('a job that was delivered is not recorded again', async ({ store }) => {
    await prepareScopes(store, staff)
    await commitParts(store, { jobs: [jobOf('1')] })
    await claim(store)
    await peopleOf(store).deliveredJobs(['1'])
    await commitParts(store, { jobs: [jobOf('1')] })
    deepEqual(await claim(store), [])
  })
}
