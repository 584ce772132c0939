import { deepEqual, equal } from 'node:assert/strict'
import { createUuidV7, type LocalUser, type NewUser, type StatusChange } from '@syncline/core'
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

const nextId = createUuidV7()

const newUser = (email: string, change: Partial<NewUser> = {}): NewUser => ({
  ...owner,
  actionId: nextId(),
  connectorId: 'hr',
  resourceType: 'user',
  externalId: `id of ${email}`,
  email,
  displayName: `Name of ${email}`,
  ...change,
})

export function testCreatingUsers(test: DeclareDirectoryCase): void {
  test('makes unconfirmed users who are found afterwards', async (harness) => {
    const requests = [newUser('Ann@x.example'), newUser('bob@x.example')]
    const made = await harness.directory.create(requests)
    deepEqual(
      made.map(({ actionId, kind }) => [actionId, kind]),
      requests.map(({ actionId }) => [actionId, 'created']),
    )
    const users = made.flatMap((outcome) => (outcome.kind === 'created' ? outcome.user : []))
    deepEqual(
      users.map(({ email, status }) => [email, status]),
      [
        ['Ann@x.example', 'unconfirmed'],
        ['bob@x.example', 'unconfirmed'],
      ],
    )
    deepEqual(await find(harness, 'email', [byEmail('ann@x.example'), byEmail('bob@x.example')]), [
      ids(users[0]),
      ids(users[1]),
    ])
    deepEqual(
      new Set((await harness.directory.get(ids(...users), owner)).map(defined)),
      new Set(users.map(defined)),
    )
  })

  test('an action that is repeated answers the user it made, as it is now, and makes no other', async (harness) => {
    const request = newUser('ann@x.example')
    const [first] = await harness.directory.create([request])
    const userId = first?.kind === 'created' ? first.user.userId : ''
    await harness.directory.changeStatus([{ ...owner, actionId: nextId(), userId, kind: 'deactivate' }])
    const [second] = await harness.directory.create([request])
    deepEqual(second?.kind === 'created' && [second.user.userId, second.user.status], [userId, 'deactivated'])
    deepEqual(await find(harness, 'email', [byEmail('ann@x.example')]), [[userId]])
  })

  test('an e-mail that somebody has, in whatever case and status, is taken; the others are made', async (harness) => {
    await harness.insert([user('ANN@x.example'), user('bob@x.example', { status: 'deactivated' })])
    const made = await harness.directory.create(
      ['ann@x.example', 'cleo@x.example', 'Bob@x.example', 'CLEO@x.example'].map((email) => newUser(email)),
    )
    deepEqual(
      made.map(({ kind }) => kind),
      ['email_taken', 'created', 'email_taken', 'email_taken'],
    )
  })

  test('of callers at the same time one makes the user of an action, and one that of an e-mail', async (harness) => {
    const request = newUser('ann@x.example')
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        harness.directory.create([index % 2 ? request : newUser('bob@x.example')]),
      ),
    )
    const outcomes = made.flat()
    const created = new Set(outcomes.flatMap((one) => (one.kind === 'created' ? one.user.userId : [])))
    equal(created.size, 2)
    const found = await find(harness, 'email', [byEmail('ann@x.example'), byEmail('bob@x.example')])
    deepEqual(
      found.map(({ length }) => length),
      [1, 1],
    )
  })

  test('createdBy says which actions made a user, and leaves out the others', async (harness) => {
    const [one, taken] = [newUser('ann@x.example'), newUser('ann@x.example')]
    await harness.directory.create([one, taken])
    const made = await harness.directory.createdBy([taken.actionId, one.actionId, nextId()], owner)
    deepEqual(
      made.map(({ actionId, user: { email } }) => [actionId, email]),
      [[one.actionId, 'ann@x.example']],
    )
    deepEqual(await harness.directory.createdBy([], owner), [])
  })
}

const change = (
  kind: StatusChange['kind'],
  found: LocalUser | undefined,
  actionId = nextId(),
): StatusChange => ({
  ...owner,
  actionId,
  userId: found?.userId ?? '',
  kind,
})

export function testUserStatuses(test: DeclareDirectoryCase): void {
  const statusesOf = async ({ directory }: UserDirectoryHarness, users: readonly LocalUser[]) => {
    const found = new Map((await directory.get(ids(...users), owner)).map((one) => [one.userId, one.status]))
    return users.map(({ userId }) => found.get(userId))
  }

  test('deactivates and says what each was; others are untouched', async (harness) => {
    const users = await harness.insert([
      user('a@x.example'),
      user('b@x.example', { status: 'unconfirmed' }),
      user('c@x.example'),
    ])
    const changes = [change('deactivate', users[0]), change('deactivate', users[1])]
    const outcomes = await harness.directory.changeStatus(changes)
    deepEqual(
      outcomes.map(({ actionId, kind, from, to }) => [actionId, kind, from, to]),
      [
        [changes[0]?.actionId, 'changed', 'active', 'deactivated'],
        [changes[1]?.actionId, 'changed', 'unconfirmed', 'deactivated'],
      ],
    )
    deepEqual(await statusesOf(harness, users), ['deactivated', 'deactivated', 'active'])
  })

  test('a user comes back in the status it had', async (harness) => {
    const users = await harness.insert([user('a@x.example'), user('b@x.example', { status: 'unconfirmed' })])
    for (const kind of ['deactivate', 'reactivate'] as const) {
      await harness.directory.changeStatus(users.map((one) => change(kind, one)))
    }
    deepEqual(await statusesOf(harness, users), ['active', 'unconfirmed'])
  })

  test('a user that was deactivated otherwise comes back active', async (harness) => {
    const users = await harness.insert([user('a@x.example', { status: 'deactivated' })])
    const [outcome] = await harness.directory.changeStatus([change('reactivate', users[0])])
    deepEqual([outcome?.kind, outcome?.from, outcome?.to], ['changed', 'deactivated', 'active'])
  })

  test('repeating an action changes nothing and answers changed again', async (harness) => {
    const [one] = await harness.insert([user('a@x.example')])
    const action = change('deactivate', one)
    const first = await harness.directory.changeStatus([action])
    deepEqual((await harness.directory.changeStatus([action])).map(defined), first.map(defined))
  })

  test('a user who has the status already, by another action, is the same', async (harness) => {
    const [one] = await harness.insert([user('a@x.example')])
    await harness.directory.changeStatus([change('deactivate', one)])
    for (const [kind, expected] of [
      ['deactivate', 'same'],
      ['reactivate', 'changed'],
      ['reactivate', 'same'],
    ] as const) {
      const [outcome] = await harness.directory.changeStatus([change(kind, one)])
      equal(outcome?.kind, expected)
    }
  })

  test('a user who does not exist is missing', async (harness) => {
    const [outcome] = await harness.directory.changeStatus([
      { ...change('deactivate', undefined), userId: nextId() },
    ])
    equal(outcome?.kind, 'missing')
  })

  test('deactivated users are still found, by every look-up', async (harness) => {
    const users = await harness.insert([user('a@x.example', { sub: 's', upstreamId: 'u' })])
    await harness.directory.changeStatus([change('deactivate', users[0])])
    deepEqual(await find(harness, 'email', [byEmail('a@x.example')]), [ids(users[0])])
    deepEqual(await find(harness, 'external_id', [{ value: 's' }]), [ids(users[0])])
  })
}
