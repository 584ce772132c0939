import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  defaultTenantId,
  type FieldChange,
  type JsonValue,
  type Owner,
  type Profile,
  type ProfileStore,
} from '@syncline/core'

/** A profile store under test, empty when handed over, and what a suite needs besides its port. */
export interface ProfileStoreHarness {
  readonly profiles: ProfileStore
  /** Two users of the host, by their ids. */
  readonly userIds: readonly [string, string]
  /** Closes the store and whatever was made for it. */
  readonly close: () => Promise<void>
}

/** The test runner's own functions and how to make a store: works with vitest, node:test, mocha and jest. */
export interface ProfileStoreSuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  /** `one`: the store declares that it serves only the tenant `default`. @default any */
  readonly tenants?: 'any' | 'one' | undefined
  /** Called once for each case; cases may run one after the other or side by side. */
  readonly createProfiles: () => Promise<ProfileStoreHarness>
}

type DeclareCase = (name: string, run: (harness: ProfileStoreHarness) => Promise<void>) => void

/**
 * Holds a profile store to every promise of its port. An adapter's test file is this one call.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * testProfileStore({ describe, test, createProfiles: async () => ({ profiles, userIds, close }) })
 * ```
 */
export function testProfileStore(suite: ProfileStoreSuite): void {
  suite.describe('ProfileStore', () => {
    const declare: DeclareCase = (name, run) => {
      suite.test(name, async () => {
        const harness = await suite.createProfiles()
        try {
          await run(harness)
        } finally {
          await harness.close()
        }
      })
    }
    testProfiles(declare)
    if (suite.tenants !== 'one') testTenants(declare)
  })
}

const set = (field: string, to: JsonValue | undefined, sourcePath = `attributes.${field}`): FieldChange => ({
  field,
  ...(to !== undefined && { to }),
  source: { source: 'connector', connectorId: 'hr', resourceType: 'user', sourcePath },
})

const owner: Owner = { tenantId: defaultTenantId }

async function readOne({ profiles }: ProfileStoreHarness, userId: string): Promise<Profile> {
  const [profile, ...others] = await profiles.read([userId], owner)
  ok(profile && others.length === 0, 'one profile must be answered for one user')
  return profile
}

async function writeOne(
  harness: ProfileStoreHarness,
  userId: string,
  ...changes: FieldChange[]
): Promise<readonly string[]> {
  const { version } = await readOne(harness, userId)
  return harness.profiles.write([{ ...owner, userId, version, changes }])
}

function testProfiles(test: DeclareCase): void {
  test('a profile that was never written is empty', async (harness) => {
    const [userId] = harness.userIds
    deepEqual(await readOne(harness, userId), { userId, attributes: {}, attributeSources: {}, version: '' })
  })

  test('fields are kept exactly, with who wrote them, and other users are untouched', async (harness) => {
    const [userId, other] = harness.userIds
    const values: Record<string, JsonValue> = {
      title: 'Größe \u{1F511} "x" \\',
      department: '',
      level: 1.5,
      flags: [true, null, { deep: ['a'] }],
      'a.b c': 'a name, no path',
      toString: 'own',
      nothing: null,
    }
    const changes = Object.entries(values).map(([field, to]) => set(field, to))
    deepEqual(await writeOne(harness, userId, ...changes), [userId])
    const profile = await readOne(harness, userId)
    deepEqual(profile.attributes, values)
    deepEqual(
      profile.attributeSources,
      Object.fromEntries(changes.map(({ field, source }) => [field, source])),
    )
    deepEqual((await readOne(harness, other)).attributes, {})
  })

  test('what a write does not name stays; a field without a value is cleared', async (harness) => {
    const [userId] = harness.userIds
    await writeOne(harness, userId, set('title', 'Boss'), set('department', 'R&D'), set('level', 1))
    await writeOne(harness, userId, set('title', 'Chief', 'attributes.other'), set('level', undefined))
    const { attributes, attributeSources } = await readOne(harness, userId)
    deepEqual(attributes, { title: 'Chief', department: 'R&D' })
    equal(attributeSources.title?.sourcePath, 'attributes.other')
    equal(attributeSources.department?.sourcePath, 'attributes.department')
  })

  test('defaults of a created user have a source without a path', async (harness) => {
    const [userId] = harness.userIds
    const source = { source: 'connector', connectorId: 'hr', resourceType: 'user' } as const
    await writeOne(harness, userId, { field: 'location', to: 'Remote', source })
    deepEqual((await readOne(harness, userId)).attributeSources.location, source)
  })

  test('the version changes with every write; one that is not the latest is left alone, whole', async (harness) => {
    const [userId, other] = harness.userIds
    const { version } = await readOne(harness, userId)
    await writeOne(harness, userId, set('title', 'Boss'))
    const now = await readOne(harness, userId)
    ok(now.version !== version)
    const written = await harness.profiles.write([
      { ...owner, userId, version, changes: [set('title', 'Late'), set('level', 2)] },
      { ...owner, userId: other, version: '', changes: [set('title', 'Fine')] },
    ])
    deepEqual(written, [other])
    deepEqual(await readOne(harness, userId), now)
  })

  test('of writers at the same time one gets a version', async (harness) => {
    const [userId] = harness.userIds
    for (const version of ['', undefined]) {
      const latest = version ?? (await readOne(harness, userId)).version
      const written = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          harness.profiles.write([{ ...owner, userId, version: latest, changes: [set('level', index)] }]),
        ),
      )
      equal(written.flat().length, 1)
    }
  })

  test('read answers every user that is asked for', async (harness) => {
    const [one, two] = harness.userIds
    await writeOne(harness, two, set('title', 'Boss'))
    const read = await harness.profiles.read([one, two], owner)
    deepEqual(read.map(({ userId }) => userId).toSorted(), [one, two].toSorted())
    deepEqual(await harness.profiles.read([], owner), [])
    deepEqual(await harness.profiles.write([]), [])
  })
}

function testTenants(test: DeclareCase): void {
  const [own, other] = [{ tenantId: 'tenant-a' }, { tenantId: 'tenant-b' }]

  test('profiles of equal user ids of two tenants are read and written apart', async ({
    profiles,
    userIds,
  }) => {
    const [userId] = userIds
    const write = (of: Owner, version: string, title: string) =>
      profiles.write([{ ...of, userId, version, changes: [set('title', title)] }])
    const titleOf = async (of: Owner) => (await profiles.read([userId], of))[0]?.attributes.title
    deepEqual(await write(own, '', 'Boss'), [userId])
    deepEqual(await profiles.read([userId], other), [
      { userId, attributes: {}, attributeSources: {}, version: '' },
    ])
    deepEqual(await write(other, '', 'Pilot'), [userId])
    const [{ version } = { version: '' }] = await profiles.read([userId], own)
    deepEqual(await write(own, version, 'Chief'), [userId])
    deepEqual([await titleOf(own), await titleOf(other), await titleOf(owner)], ['Chief', 'Pilot', undefined])
  })

  test('one call writes profiles of two tenants', async ({ profiles, userIds }) => {
    const [userId] = userIds
    const writes = [own, other].map((tenant) => ({
      ...tenant,
      userId,
      version: '',
      changes: [set('title', tenant.tenantId)],
    }))
    deepEqual(await profiles.write(writes), [userId, userId])
    for (const tenant of [own, other]) {
      equal((await profiles.read([userId], tenant))[0]?.attributes.title, tenant.tenantId)
    }
  })
}
