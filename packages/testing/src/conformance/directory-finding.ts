import { deepEqual, equal, ok } from 'node:assert/strict'
import { createUuidV7, type UserKey } from '@syncline/core'
import { defined } from './builders.ts'
import {
  byEmail,
  type DeclareDirectoryCase,
  find,
  ids,
  owner,
  type UserDirectoryHarness,
  user,
} from './directory-harness.ts'

export function testFindingUsers(test: DeclareDirectoryCase): void {
  test('answers a user as it is kept', async (harness) => {
    const [ann] = await harness.insert([
      user('Ann@Acme.example', { sub: 'sub-1', upstreamId: 'up-1', upstreamIssuer: 'https://idp.example' }),
    ])
    const hits = await harness.directory.findByKeys({
      ...owner,
      strategy: 'email',
      keys: [byEmail('nobody@acme.example'), byEmail('ann@acme.example')],
      perKey: 10,
    })
    deepEqual(
      hits.map(({ key, user: found }) => [key, defined(found)]),
      [[1, ann]],
    )
  })

  test('email: folded, all users who have it, none where there is none', async (harness) => {
    const [one, two, greek, spaced] = await harness.insert([
      user('ANN@acme.example'),
      user('ann@ACME.example'),
      user('\u039f\u0394\u039f\u03a3@acme.example'),
      user(' bob@acme.example '),
      user(undefined),
      user(''),
    ])
    const found = await find(harness, 'email', [
      byEmail('ann@acme.example'),
      byEmail('\u03bf\u03b4\u03bf\u03c3@acme.example'),
      byEmail('bob@acme.example'),
      byEmail('cleo@acme.example'),
    ])
    deepEqual(
      found.map((userIds) => userIds.toSorted()),
      [ids(one, two).toSorted(), ids(greek), ids(spaced), []],
    )
  })

  test('email_and_issuer: two fields, never parts of one text', async (harness) => {
    const [one] = await harness.insert([
      user('a@x.example', { upstreamIssuer: 'https://IDP.example' }),
      user('a@x.example', { upstreamIssuer: 'https://other.example' }),
      user('a@x.example'),
      user('a@x.example|b', { upstreamIssuer: 'c' }),
    ])
    deepEqual(
      await find(harness, 'email_and_issuer', [
        { value: 'a@x.example', issuer: 'https://idp.example' },
        { value: 'a@x.example', issuer: 'b|c' },
      ]),
      [ids(one), []],
    )
  })

  test('upstream_identity and external_id: byte for byte', async (harness) => {
    const [one, two] = await harness.insert([
      user(undefined, { upstreamId: 'AbC', sub: '007' }),
      user(undefined, { upstreamId: 'abc', sub: '7' }),
    ])
    const keys = ['AbC', 'abc', 'ABC', '007', '7'].map((value) => ({ value }))
    deepEqual(await find(harness, 'upstream_identity', keys), [ids(one), ids(two), [], [], []])
    deepEqual(await find(harness, 'external_id', keys), [[], [], [], ids(one), ids(two)])
  })

  test('users who are not deactivated come first, and at most perKey come at all', async (harness) => {
    const email = 'a@x.example'
    const inserted = await harness.insert([
      user(email, { status: 'deactivated' }),
      user(email),
      user(email, { status: 'deactivated' }),
      user(email, { status: 'unconfirmed' }),
    ])
    const [all = []] = await find(harness, 'email', [byEmail(email)])
    const inUse = ids(inserted[1], inserted[3]).toSorted()
    deepEqual(all.slice(0, 2), inUse)
    deepEqual(all.slice(2), ids(inserted[0], inserted[2]).toSorted())
    const few = await harness.directory.findByKeys({
      ...owner,
      strategy: 'email',
      keys: [byEmail(email)],
      perKey: 2,
    })
    deepEqual(
      few.map((hit) => hit.user.userId),
      inUse,
    )
  })

  test('a key that several have is answered among keys that one has', async (harness) => {
    const shared = 'shared@x.example'
    const own = ['b@x.example', 'c@x.example', 'd@x.example']
    const [gone, one, two, three, ...others] = await harness.insert([
      user(shared, { status: 'deactivated' }),
      user(shared),
      user(shared),
      user(shared, { status: 'unconfirmed' }),
      ...own.map((email) => user(email)),
    ])
    const keys = [own[0], shared, own[1], 'nobody@x.example', own[2]].map((email) => byEmail(email ?? ''))
    const inUse = ids(one, two, three).toSorted()
    const expected = [ids(others[0]), [...inUse, ...ids(gone)], ids(others[1]), [], ids(others[2])]
    deepEqual(await find(harness, 'email', keys), expected)
    const hits = await harness.directory.findByKeys({ ...owner, strategy: 'email', keys, perKey: 2 })
    deepEqual(
      keys.map((_, place) => hits.filter(({ key }) => key === place).map((hit) => hit.user.userId)),
      expected.map((userIds) => userIds.slice(0, 2)),
    )
  })

  test('any number of keys at once', async (harness) => {
    const inserted = await harness.insert(
      Array.from({ length: 500 }, (_, index) => user(`u${index}@x.example`)),
    )
    const keys = Array.from({ length: 70_000 }, (_, index) => byEmail(`u${index}@x.example`))
    const found = await findMany(harness, keys)
    equal(found.size, 500)
    ok(inserted.every(({ userId }, index) => found.get(index) === userId))
  })

  test('no keys, no hits', async (harness) => {
    await harness.insert([user('a@x.example')])
    deepEqual(await find(harness, 'email', []), [])
  })

  test('get answers users by id, each once, and leaves out those who do not exist', async (harness) => {
    const [one, two] = await harness.insert([
      user('a@x.example'),
      user('b@x.example', { status: 'deactivated' }),
    ])
    const missing = createUuidV7()()
    const found = await harness.directory.get([...ids(one, two), missing, ...ids(one)], owner)
    deepEqual(new Set(found.map(defined)), new Set([one, two]))
    equal(found.length, 2)
    deepEqual(await harness.directory.get([], owner), [])
  })
}

async function findMany({ directory }: UserDirectoryHarness, keys: readonly UserKey[]) {
  const hits = await directory.findByKeys({ ...owner, strategy: 'email', keys, perKey: 2 })
  return new Map(hits.map((hit) => [hit.key, hit.user.userId]))
}
