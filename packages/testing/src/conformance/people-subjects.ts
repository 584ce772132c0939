import { deepEqual, equal, ok } from 'node:assert/strict'
import type { MatchQuery, MatchSubject, SubjectSlice } from '@syncline/core'
import { otherStaff, record, records, staff, teams } from './builders.ts'
import { type StoreHarness, type StoreSuite, storeCases } from './harness.ts'
import { allOf, fullPassOf, prepareScopes } from './passes.ts'
import { commitParts, linkedTo, matchWrite, owner, peopleOf, rowOf } from './people-builders.ts'

export function testPeopleSubjects(suite: StoreSuite): void {
  storeCases(suite, 'PeopleStore: subjects', testSubjects)
  storeCases(suite, 'PeopleStore: finding', testFinding)
}

const idsOf = (subjects: readonly MatchSubject[]): string[] => subjects.map(({ externalId }) => externalId)

/**
 * live: l1 (no row), l2 (unmatched), l3 (linked) · stale: s1 (linked), s2 (unmatched) · gone: g1 (linked), g2
 * (skipped).
 */
async function setScene(harness: StoreHarness): Promise<void> {
  const { store } = harness
  await prepareScopes(store, staff, otherStaff)
  await fullPassOf(harness, records('g1', 'g2', 'l1', 'l2', 'l3', 's1', 's2'))
  await commitParts(store, {
    matches: [
      matchWrite('l2'),
      linkedTo('l3', 'user-3'),
      linkedTo('s1', 'user-s'),
      matchWrite('s2'),
      linkedTo('g1', 'user-g', { matchStatus: 'manual_override' }),
      matchWrite('g2', { matchStatus: 'skipped' }),
    ],
  })
  for (const externalId of ['g1', 'g2']) await store.resources.removeOne({ ...staff, externalId })
  await fullPassOf(harness, records('l1', 'l2', 'l3'))
}

const testSubjects: Parameters<typeof storeCases>[2] = (test) => {
  test('live: every resource that is not stale, with its row', async (harness) => {
    await setScene(harness)
    const subjects = await slice(harness, 'live')
    deepEqual(idsOf(subjects), ['l1', 'l2', 'l3'])
    deepEqual(
      subjects.map(({ match }) => match?.userId ?? match?.matchStatus),
      [undefined, 'unmatched', 'user-3'],
    )
    const live = (await allOf(harness.store)).filter(({ staleSince }) => !staleSince)
    deepEqual(
      subjects.map(({ resource }) => resource),
      live.map(({ hash: _hash, syncedAt: _syncedAt, createdAt: _createdAt, ...resource }) => resource),
    )
  })

  test('attributes are left out where they are not asked for, and nothing else is', async (harness) => {
    await setScene(harness)
    for (const which of ['live', 'live_linked', 'absent_linked'] as const) {
      const whole = await slice(harness, which)
      ok(whole.length > 0)
      deepEqual(
        await slice(harness, which, { attributes: false }),
        whole.map(({ resource, ...subject }) => ({
          ...subject,
          ...(resource && { resource: { ...resource, attributes: {} } }),
        })),
      )
    }
  })

  test('live_linked: of those, the ones whose row holds a user', async (harness) => {
    await setScene(harness)
    deepEqual(idsOf(await slice(harness, 'live_linked')), ['l3'])
  })

  test('absent_linked: rows that hold a user and whose resource is stale or gone', async (harness) => {
    await setScene(harness)
    const [gone, stale, ...others] = await slice(harness, 'absent_linked')
    deepEqual(others, [])
    deepEqual([gone?.externalId, gone?.resource, gone?.match?.userId], ['g1', undefined, 'user-g'])
    deepEqual([stale?.externalId, stale?.match?.userId], ['s1', 'user-s'])
    ok(stale?.resource?.staleSince instanceof Date)
  })

  test('slices come in order of external ids by code point, each once, also when read one by one', async (harness) => {
    const { store } = harness
    await prepareScopes(store, staff)
    const ids = ['B', 'Z', '_', 'a', 'a0', 'b', '\ufffd', '\u{1F511}']
    await fullPassOf(harness, records(...ids))
    await commitParts(store, { matches: ids.map((id) => linkedTo(id, `user-${id}`)) })
    for (const which of ['live', 'live_linked'] as const) {
      deepEqual(await oneByOne(harness, which), ids)
    }
    await fullPassOf(harness, [])
    deepEqual(await oneByOne(harness, 'absent_linked'), ids)
  })

  test('live resources have their rows however many rows of resources that are gone are between them', async (harness) => {
    const { store } = harness
    await prepareScopes(store, staff)
    const gone = Array.from({ length: 30 }, (_, number) => `m${number}`)
    await fullPassOf(harness, records('a', ...gone, 'z'))
    await commitParts(store, { matches: ['a', ...gone, 'z'].map((id) => linkedTo(id, `user-${id}`)) })
    for (const externalId of gone) await store.resources.removeOne({ ...staff, externalId })
    const subjects = await slice(harness, 'live')
    deepEqual(idsOf(subjects), ['a', 'z'])
    deepEqual(
      subjects.map(({ match }) => match?.userId),
      ['user-a', 'user-z'],
    )
  })

  test('after an id that is not there goes on behind it', async (harness) => {
    await setScene(harness)
    deepEqual(idsOf(await slice(harness, 'live', { after: 'l1x' })), ['l2', 'l3'])
    deepEqual(idsOf(await slice(harness, 'absent_linked', { after: 'h' })), ['s1'])
  })

  test('subjectsOf answers resources and rows in whatever state, and leaves out what has neither', async (harness) => {
    await setScene(harness)
    const subjects = await peopleOf(harness.store).subjectsOf(staff, ['l1', 'g2', 's1', 'nobody', 's1'])
    deepEqual(
      subjects
        .map(
          ({ externalId, resource, match }) =>
            `${externalId} ${resource ? 'resource' : ''} ${match ? 'row' : ''}`,
        )
        .toSorted(),
      ['g2  row', 'l1 resource ', 's1 resource row'],
    )
    deepEqual(await peopleOf(harness.store).subjectsOf(staff, []), [])
  })

  test('a row outlives the purge of its resource and is found again when it returns', async (harness) => {
    await setScene(harness)
    const { store } = harness
    const before = await rowOf(store, 'g1')
    await store.resources.upsertOne({ scope: staff, record: record('g1') })
    const [subject] = await peopleOf(store).subjectsOf(staff, ['g1'])
    deepEqual(subject?.match, before)
    ok(subject?.resource)
    deepEqual(idsOf(await slice(harness, 'live_linked')), ['g1', 'l3'])
  })

  test('linkedUsers counts distinct users of the scope', async (harness) => {
    await setScene(harness)
    const { store } = harness
    equal(await peopleOf(store).linkedUsers(staff), 3)
    await commitParts(store, { matches: [linkedTo('l1', 'user-3')] })
    equal(await peopleOf(store).linkedUsers(staff), 3)
    equal(await peopleOf(store).linkedUsers(otherStaff), 0)
  })

  test('links names every row that holds one of the users, in any scope of the tenant, and whether its resource is live', async (harness) => {
    await setScene(harness)
    const { store } = harness
    await commitParts(store, { scope: otherStaff, matches: [linkedTo('x', 'user-3')] })
    await commitParts(store, { matches: [linkedTo('l2', 'user-s', { version: 1 })] })
    const links = await peopleOf(store).links(['user-3', 'user-s', 'user-3', 'nobody'], owner)
    deepEqual(
      links
        .map(({ connectorId, externalId, userId, live }) => `${connectorId} ${externalId} ${userId} ${live}`)
        .toSorted(),
      ['hr l2 user-s true', 'hr l3 user-3 true', 'hr s1 user-s false', 'hr-2 x user-3 false'],
    )
    deepEqual(await peopleOf(store).links([], owner), [])
  })

  test('thousands of ids at once', async (harness) => {
    const { store } = harness
    await prepareScopes(store, staff)
    const ids = Array.from({ length: 70_000 }, (_, index) => `user-${index}`)
    await commitParts(store, { matches: [linkedTo('a', 'user-0'), linkedTo('b', 'user-69999')] })
    equal((await peopleOf(store).links(ids, owner)).length, 2)
    equal((await peopleOf(store).lastActions(ids, owner)).length, 0)
    equal((await peopleOf(store).subjectsOf(staff, ['a', 'b', ...ids])).length, 2)
  })
}

const slice = ({ store }: StoreHarness, which: SubjectSlice['which'], change: Partial<SubjectSlice> = {}) =>
  peopleOf(store).subjects({ scope: staff, which, limit: 100, ...change })

async function oneByOne(harness: StoreHarness, which: SubjectSlice['which']): Promise<string[]> {
  const read: string[] = []
  for (;;) {
    const [subject] = await slice(harness, which, { limit: 1, after: read.at(-1) })
    if (!subject) return read
    read.push(subject.externalId)
  }
}

const testFinding: Parameters<typeof storeCases>[2] = (test) => {
  const people = [
    linkedTo('1', 'user-1', { externalDisplayName: 'Ann Ábel', externalEmail: 'ann@acme.example' }),
    matchWrite('2', { externalDisplayName: 'Bob 100%', externalEmail: 'BOB@acme.example' }),
    matchWrite('3', { matchStatus: 'skipped', externalDisplayName: 'Cleo' }),
    matchWrite('10', { externalDisplayName: 'Dora', externalEmail: 'dora@other.example' }),
  ]
  const foundBy = async (harness: StoreHarness, query: Partial<MatchQuery>): Promise<string[]> => {
    const store = peopleOf(harness.store)
    const found = await store.find({ ...staff, limit: 100, ...query })
    equal(await store.count({ ...staff, ...query }), found.length)
    return found.map(({ externalId }) => externalId)
  }

  test('lists rows in order of external ids, by status and in pages', async (harness) => {
    const { store } = harness
    await prepareScopes(store, staff)
    await commitParts(store, { matches: people })
    deepEqual(await foundBy(harness, {}), ['1', '10', '2', '3'])
    deepEqual(await foundBy(harness, { status: 'unmatched' }), ['10', '2'])
    deepEqual(await foundBy(harness, { status: 'ambiguous' }), [])
    const page = await peopleOf(store).find({ ...staff, limit: 2, offset: 1 })
    deepEqual(
      page.map(({ externalId }) => externalId),
      ['10', '2'],
    )
    equal(await peopleOf(store).count({ ...staff, atMost: 3 }), 3)
  })

  test('goes on after an external id, which need not be there', async (harness) => {
    await prepareScopes(harness.store, staff)
    await commitParts(harness.store, { matches: people })
    const store = peopleOf(harness.store)
    const after = async (externalId: string, change: Partial<MatchQuery> = {}) =>
      (await store.find({ ...staff, ...change, limit: 2, after: externalId })).map((row) => row.externalId)
    deepEqual(await after('1'), ['10', '2'])
    deepEqual(await after('10x'), ['2', '3'])
    deepEqual(await after('1\u0000'), ['10', '2'])
    deepEqual(await after('1', { status: 'unmatched', search: 'DORA' }), ['10'])
    deepEqual(await after('3'), [])
  })

  test('searches external id, e-mail and display name, whatever the case, with no special characters', async (harness) => {
    await prepareScopes(harness.store, staff)
    await commitParts(harness.store, { matches: people })
    deepEqual(await foundBy(harness, { search: 'áBEL' }), ['1'])
    deepEqual(await foundBy(harness, { search: 'bob@' }), ['2'])
    deepEqual(await foundBy(harness, { search: '1' }), ['1', '10', '2'])
    deepEqual(await foundBy(harness, { search: '%' }), ['2'])
    deepEqual(await foundBy(harness, { search: '_' }), [])
    deepEqual(await foundBy(harness, { search: 'acme', status: 'matched' }), ['1'])
  })

  test('stats counts the rows of each status', async ({ store }) => {
    await prepareScopes(store, staff, otherStaff)
    await commitParts(store, { matches: people })
    deepEqual(await peopleOf(store).stats(staff), {
      matched: 1,
      unmatched: 2,
      ambiguous: 0,
      manual_override: 0,
      skipped: 1,
      create_pending: 0,
    })
    equal((await peopleOf(store).stats(otherStaff)).matched, 0)
  })

  test('matchesOf answers rows by their ids, those of the connector only', async ({ store }) => {
    await prepareScopes(store, staff, teams, otherStaff)
    await commitParts(store, { matches: people })
    await commitParts(store, { scope: teams, matches: [matchWrite('t')] })
    await commitParts(store, { scope: otherStaff, matches: [matchWrite('o')] })
    const rows = [
      await rowOf(store, '1'),
      await rowOf(store, 't', teams),
      await rowOf(store, 'o', otherStaff),
    ]
    const matchIds = [...rows.map(({ matchId }) => matchId), 'no-such-id']
    const found = await peopleOf(store).matchesOf({ connectorId: staff.connectorId, matchIds })
    deepEqual(
      found.toSorted((one, other) => (one.externalId < other.externalId ? -1 : 1)),
      rows.slice(0, 2),
    )
  })
}
