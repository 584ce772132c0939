import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  createUuidV7,
  defaultTenantId,
  type LocalUser,
  matchStrategies,
  type NewUser,
  type StatusChange,
} from '@syncline/core'
import { defined } from './builders.ts'
import type { DeclareDirectoryCase, UserDirectoryHarness } from './directory-harness.ts'

const nextId = createUuidV7()
const own = { tenantId: 'tenant-a' }
const other = { tenantId: 'tenant-b' }
const userId = '01890000-0000-7000-8000-0000000000aa'
const shared = {
  userId,
  status: 'active',
  email: 'ann@x.example',
  sub: 's-1',
  upstreamId: 'up-1',
  upstreamIssuer: 'https://idp.example',
} as const
const keys = {
  email: { value: 'ann@x.example' },
  email_and_issuer: { value: 'ann@x.example', issuer: 'https://idp.example' },
  upstream_identity: { value: 'up-1' },
  external_id: { value: 's-1' },
} as const

/** The same user in two tenants, equal in everything but the tenant. */
const insertTwins = ({ insert }: UserDirectoryHarness, change: Partial<LocalUser> = {}) =>
  insert([own, other].map(({ tenantId }) => ({ ...shared, ...change, tenantId })))

const newUser = (change: Partial<NewUser> = {}): NewUser => ({
  ...own,
  actionId: nextId(),
  connectorId: 'hr',
  resourceType: 'user',
  externalId: '1',
  email: 'ann@x.example',
  displayName: 'Ann',
  ...change,
})

const change = (kind: StatusChange['kind'], rest: Partial<StatusChange> = {}): StatusChange => ({
  ...own,
  actionId: nextId(),
  userId,
  kind,
  ...rest,
})

async function statusesOf({ directory }: UserDirectoryHarness): Promise<(string | undefined)[]> {
  const found = [await directory.get([userId], own), await directory.get([userId], other)]
  return found.map(([one]) => one?.status)
}

export function testTenantsOfUsers(test: DeclareDirectoryCase): void {
  for (const strategy of matchStrategies) {
    test(`findByKeys by ${strategy} finds users of the tenant only, and names their tenant`, async (harness) => {
      const [mine] = await insertTwins(harness)
      const lookup = { strategy, keys: [keys[strategy]], perKey: 10 }
      const hits = await harness.directory.findByKeys({ ...own, ...lookup })
      deepEqual(
        hits.map(({ user }) => defined(user)),
        [mine],
      )
      equal(hits[0]?.user.tenantId, own.tenantId)
      deepEqual(await harness.directory.findByKeys({ tenantId: 'tenant-c', ...lookup }), [])
      deepEqual(await harness.directory.findByKeys({ tenantId: defaultTenantId, ...lookup }), [])
    })
  }

  test('perKey counts users of the tenant only', async (harness) => {
    const { insert, directory } = harness
    const email = 'many@x.example'
    await insert(Array.from({ length: 5 }, () => ({ status: 'active', email, ...other })))
    const mine = await insert([
      { status: 'active', email, ...own },
      { status: 'deactivated', email, ...own },
    ])
    const hits = await directory.findByKeys({
      ...own,
      strategy: 'email',
      keys: [{ value: email }],
      perKey: 2,
    })
    deepEqual(
      hits.map(({ user }) => user.userId),
      mine.map((one) => one.userId),
    )
  })

  test('get returns users of the tenant only, even if user ids of two tenants are equal', async (harness) => {
    const twins = await insertTwins(harness)
    const found = [await harness.directory.get([userId], own), await harness.directory.get([userId], other)]
    deepEqual(found.flat().map(defined), twins)
    deepEqual(await harness.directory.get([userId], { tenantId: 'tenant-c' }), [])
  })

  test('create makes a user in its tenant although another tenant has the e-mail', async (harness) => {
    const { directory } = harness
    const requests = [newUser(), newUser(other), newUser({ email: 'ANN@x.example' })]
    const made = await directory.create(requests)
    deepEqual(
      made.map(({ actionId, kind }) => [actionId, kind]),
      requests.map(({ actionId }, place) => [actionId, place < 2 ? 'created' : 'email_taken']),
    )
    const users = made.flatMap((one) => (one.kind === 'created' ? one.user : []))
    deepEqual(
      users.map(({ tenantId }) => tenantId),
      [own.tenantId, other.tenantId],
    )
    for (const [place, owner] of [own, other].entries()) {
      const lookup = { strategy: 'email', keys: [keys.email], perKey: 10 } as const
      const hits = await directory.findByKeys({ ...owner, ...lookup })
      deepEqual(
        hits.map(({ user }) => user.userId),
        [users[place]?.userId],
      )
    }
  })

  test('an action id of another tenant has made no user', async (harness) => {
    const { directory } = harness
    const actionId = nextId()
    const [mine] = await directory.create([newUser({ actionId })])
    deepEqual(await directory.createdBy([actionId], other), [])
    const [theirs] = await directory.create([newUser({ actionId, ...other })])
    ok(mine?.kind === 'created' && theirs?.kind === 'created')
    equal(theirs.user.tenantId, other.tenantId)
    for (const { user } of [mine, theirs]) {
      const [made] = await directory.createdBy([actionId], { tenantId: user.tenantId ?? '' })
      deepEqual(made && defined(made.user), defined(user))
    }
  })

  test('changeStatus changes the user of the tenant only, even if user ids are equal', async (harness) => {
    await insertTwins(harness)
    const { directory } = harness
    equal((await directory.changeStatus([change('deactivate')]))[0]?.kind, 'changed')
    deepEqual(await statusesOf(harness), ['deactivated', 'active'])
    equal((await directory.changeStatus([change('reactivate', other)]))[0]?.kind, 'same')
    equal(
      (await directory.changeStatus([change('deactivate', { tenantId: 'tenant-c' })]))[0]?.kind,
      'missing',
    )
    deepEqual(await statusesOf(harness), ['deactivated', 'active'])
  })

  test('an action id of another tenant has changed nothing, and is carried out', async (harness) => {
    await insertTwins(harness)
    const action = change('deactivate')
    await harness.directory.changeStatus([action])
    const [outcome] = await harness.directory.changeStatus([{ ...action, ...other }])
    deepEqual([outcome?.kind, outcome?.from], ['changed', 'active'])
    deepEqual(await statusesOf(harness), ['deactivated', 'deactivated'])
  })

  test('a user comes back in the status that the user of this tenant had', async (harness) => {
    await harness.insert([
      { ...shared, ...own, status: 'unconfirmed' },
      { ...shared, ...other, status: 'active' },
    ])
    const both = (kind: StatusChange['kind']) =>
      harness.directory.changeStatus([change(kind), change(kind, other)])
    await both('deactivate')
    deepEqual(await statusesOf(harness), ['deactivated', 'deactivated'])
    await both('reactivate')
    deepEqual(await statusesOf(harness), ['unconfirmed', 'active'])
  })
}
