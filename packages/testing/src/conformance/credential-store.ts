import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Credential, CredentialId, CredentialStore } from '@syncline/core'
import { defined } from './builders.ts'

/** A credential store under test, empty when handed over, and what a suite needs besides its port. */
export interface CredentialHarness {
  readonly store: CredentialStore
  /** A second store on the same data, as another process has it. */
  readonly other: CredentialStore
  /** Makes claims that were made look `ms` older. */
  readonly timePasses: (ms: number) => Promise<void>
  /** Closes the stores and whatever was made for them. */
  readonly close: () => Promise<void>
}

/** The test runner's own functions and how to make a store: works with vitest, node:test, mocha and jest. */
export interface CredentialStoreSuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  readonly createStore: () => Promise<CredentialHarness>
}

type DeclareCase = (name: string, run: (harness: CredentialHarness) => Promise<void>) => void

const acme: CredentialId = { tenantId: 'tenant-1', ref: 'acme' }
const values = { clientId: 'syncline', accessToken: 'access-1', refreshToken: 'refresh-1' }
const expiresAt = new Date('2026-11-21T10:00:00.000Z')
const leaseMs = 30_000

/**
 * Holds a credential store to every promise of its port. An adapter's test file is this one call.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * testCredentialStore({ describe, test, createStore: async () => ({ store, other, timePasses, close }) })
 * ```
 */
export function testCredentialStore(suite: CredentialStoreSuite): void {
  const group = (name: string, declare: (test: DeclareCase) => void): void => {
    suite.describe(name, () =>
      declare((caseName, run) => {
        suite.test(caseName, async () => {
          const harness = await suite.createStore()
          try {
            await run(harness)
          } finally {
            await harness.close()
          }
        })
      }),
    )
  }
  group('CredentialStore: keeping', testKeeping)
  group('CredentialStore: claiming a refresh', testClaiming)
  group('CredentialStore: completing a refresh', testCompleting)
  group('CredentialStore: ending a refresh', testEnding)
}

function testKeeping(test: DeclareCase): void {
  test('put inserts and read answers it as saved, also to another process', async ({ store, other }) => {
    const summary = await store.put(acme, { values, expiresAt })
    const read = await store.read(acme)
    ok(read?.savedAt instanceof Date)
    deepEqual(read, {
      ...acme,
      version: summary.version,
      values,
      expiresAt,
      state: 'active',
      savedAt: read.savedAt,
    })
    deepEqual(await other.read(acme), read)
  })

  test('put keeps every value exactly', async ({ store }) => {
    const odd = {
      pem: '-----BEGIN-----\nMIIE\r\n',
      text: '\u{1F511} "quoted" \\ \t%+/=',
      long: 'x'.repeat(20_000),
    }
    await store.put(acme, { values: odd })
    deepEqual((await store.read(acme))?.values, odd)
  })

  test('put keeps what it was given, whatever the caller changes afterwards', async ({ store }) => {
    const given: Record<string, string> = { ...values }
    await store.put(acme, { values: given })
    given.accessToken = 'changed'
    deepEqual((await store.read(acme))?.values, values)
  })

  test('put replaces all values and the expiry, as a new version', async ({ store }) => {
    const first = await store.put(acme, { values, expiresAt })
    const second = await store.put(acme, { values: { apiKey: 'key-2' } })
    ok(second.version > first.version)
    const read = await store.read(acme)
    deepEqual(read?.values, { apiKey: 'key-2' })
    equal(read?.expiresAt, undefined)
  })

  test('a version is never used twice, also not after a removal', async ({ store }) => {
    const { version } = await store.put(acme, { values })
    await store.remove(acme)
    ok((await store.put(acme, { values })).version > version)
  })

  test('puts at the same time leave one of them, with the highest version', async ({ store, other }) => {
    const puts = Array.from({ length: 10 }, (_, index) =>
      (index % 2 ? store : other).put(acme, { values: { apiKey: `key-${index}` } }),
    )
    const versions = (await Promise.all(puts)).map(({ version }) => version)
    equal(new Set(versions).size, 10)
    const read = await store.read(acme)
    equal(read?.version, Math.max(...versions))
    equal(read?.values.apiKey, `key-${versions.indexOf(Math.max(...versions))}`)
  })

  test('a tenant never sees the credential of another, also under the same reference', async ({ store }) => {
    const theirs = { ...acme, tenantId: 'tenant-2' }
    await store.put(theirs, { values })
    equal(await store.read(acme), undefined)
    deepEqual(await store.list({ tenantId: 'tenant-1' }), [])
    equal(await store.remove(acme), false)
    ok(await store.read(theirs))
  })

  test('list answers no value, only their names, ordered by tenant and reference', async ({ store }) => {
    for (const id of [
      { ...acme, tenantId: 'tenant-2' },
      { ...acme, ref: 'B' },
      { ...acme, ref: 'a' },
      acme,
    ]) {
      await store.put(id, { values, expiresAt })
    }
    const listed = await store.list({})
    deepEqual(
      listed.map(({ tenantId, ref }) => `${tenantId} ${ref}`),
      ['tenant-1 B', 'tenant-1 a', 'tenant-1 acme', 'tenant-2 acme'],
    )
    equal(/access-1|refresh-1/.test(JSON.stringify(listed)), false)
    const [one] = await store.list({ tenantId: 'tenant-1', ref: 'acme' })
    const read = await store.read(acme)
    deepEqual(one && defined(one), {
      ...acme,
      version: read?.version,
      expiresAt,
      state: 'active',
      savedAt: read?.savedAt,
      names: ['accessToken', 'clientId', 'refreshToken'],
    })
  })

  test('remove takes it away; false when there is none', async ({ store }) => {
    await store.put(acme, { values })
    equal(await store.remove(acme), true)
    equal(await store.read(acme), undefined)
    equal(await store.remove(acme), false)
  })

  test('read answers undefined where there is none', async ({ store }) => {
    equal(await store.read(acme), undefined)
  })
}

const holder = (version: number, name = 'holder-1') => ({ id: acme, version, holder: name })
const claim = (store: CredentialStore, version: number, name = 'holder-1') =>
  store.claimRefresh({ ...holder(version, name), leaseMs })

async function saved(store: CredentialStore): Promise<Credential> {
  await store.put(acme, { values, expiresAt })
  const read = await store.read(acme)
  if (!read) throw new Error('What was put was not read')
  return read
}

function testClaiming(test: DeclareCase): void {
  test('of any number of callers one gets the claim, and the others learn that it is held', async (harness) => {
    const { version } = await saved(harness.store)
    const claims = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        claim(index % 2 ? harness.store : harness.other, version, `holder-${index}`),
      ),
    )
    const kinds = claims.map(({ kind }) => kind).toSorted()
    deepEqual(kinds, ['claimed', ...Array.from({ length: 39 }, () => 'held')])
  })

  test('a claim answers the credential as it is stored', async ({ store }) => {
    const credential = await saved(store)
    deepEqual(await claim(store, credential.version), { kind: 'claimed', credential, unfinished: 0 })
  })

  test('a claim keeps others out until its lease ends, then counts as unfinished', async (harness) => {
    const { store, other, timePasses } = harness
    const { version } = await saved(store)
    await claim(store, version)
    await timePasses(leaseMs - 5_000)
    equal((await claim(other, version, 'holder-2')).kind, 'held')
    for (const unfinished of [1, 2]) {
      await timePasses(leaseMs + 5_000)
      const next = await claim(other, version, `holder-${unfinished + 1}`)
      equal(next.kind === 'claimed' && next.unfinished, unfinished)
    }
  })

  test('another version than the stored one is settled already', async ({ store }) => {
    const { version } = await saved(store)
    const current = await saved(store)
    deepEqual(await claim(store, version), { kind: 'settled', credential: current })
  })

  test('there is nothing to claim where there is no credential', async ({ store }) => {
    deepEqual(await claim(store, 1), { kind: 'missing' })
  })
}

function testCompleting(test: DeclareCase): void {
  const complete = (store: CredentialStore, version: number, accessToken = 'access-2') =>
    store.completeRefresh({ ...holder(version), values: { accessToken }, expiresAt: undefined })

  test('new values are saved as a new version, and those that were not named stay', async ({
    store,
    other,
  }) => {
    const { version } = await saved(store)
    await claim(store, version)
    const done = await complete(store, version)
    ok(done && done.version > version)
    deepEqual(done.values, { ...values, accessToken: 'access-2' })
    equal(done.expiresAt, undefined)
    deepEqual(await other.read(acme), done)
  })

  test('the next claim of the new version is free and counts nothing as unfinished', async ({ store }) => {
    const { version } = await saved(store)
    await claim(store, version)
    const done = await complete(store, version)
    const next = await claim(store, done?.version ?? 0, 'holder-2')
    equal(next.kind === 'claimed' && next.unfinished, 0)
  })

  test('values of a version that was replaced are refused, and nothing changes', async ({ store, other }) => {
    const { version } = await saved(store)
    await claim(store, version)
    const current = await saved(other)
    equal(await complete(store, version), undefined)
    deepEqual(await store.read(acme), current)
  })

  test('of two that complete one version the first is saved', async ({ store, other }) => {
    const { version } = await saved(store)
    await claim(store, version)
    const outcomes = await Promise.all([
      complete(store, version, 'first'),
      complete(other, version, 'second'),
    ])
    equal(outcomes.filter((outcome) => outcome).length, 1)
  })

  test('values of a removed credential are refused', async ({ store }) => {
    const { version } = await saved(store)
    await claim(store, version)
    await store.remove(acme)
    equal(await complete(store, version), undefined)
    equal(await store.read(acme), undefined)
  })

  test('values that come after the lease has ended are saved while the version is the newest', async (harness) => {
    const { store, other, timePasses } = harness
    const { version } = await saved(store)
    await claim(store, version)
    await timePasses(leaseMs + 5_000)
    await claim(other, version, 'holder-2')
    await other.endRefresh({ ...holder(version, 'holder-2'), outcome: 'reauth_required' })
    const done = await complete(store, version)
    equal(done?.state, 'active')
    equal((await other.read(acme))?.values.accessToken, 'access-2')
  })
}

function testEnding(test: DeclareCase): void {
  test('a released claim is free again and does not count as unfinished', async ({ store, other }) => {
    const { version } = await saved(store)
    await claim(store, version)
    equal(await store.endRefresh({ ...holder(version), outcome: 'released' }), true)
    const next = await claim(other, version, 'holder-2')
    equal(next.kind === 'claimed' && next.unfinished, 0)
  })

  test('releasing does not forget what others left unfinished', async ({ store, timePasses }) => {
    const { version } = await saved(store)
    await claim(store, version)
    await timePasses(leaseMs + 5_000)
    await claim(store, version, 'holder-2')
    await store.endRefresh({ ...holder(version, 'holder-2'), outcome: 'released' })
    const next = await claim(store, version, 'holder-3')
    equal(next.kind === 'claimed' && next.unfinished, 1)
  })

  test('reauth_required marks the credential, keeps its version, and settles further claims', async (harness) => {
    const { store, other } = harness
    const credential = await saved(store)
    await claim(store, credential.version)
    const request = { ...holder(credential.version), outcome: 'reauth_required' as const }
    equal(await store.endRefresh(request), true)
    const marked = { ...credential, state: 'reauth_required' }
    deepEqual(await other.read(acme), marked)
    deepEqual(await claim(other, credential.version, 'holder-2'), { kind: 'settled', credential: marked })
    equal((await store.list({}))[0]?.state, 'reauth_required')
  })

  test('put ends reauth_required', async ({ store }) => {
    const { version } = await saved(store)
    await claim(store, version)
    await store.endRefresh({ ...holder(version), outcome: 'reauth_required' })
    equal((await saved(store)).state, 'active')
  })

  test('who lost the claim ends nothing', async ({ store, other, timePasses }) => {
    const { version } = await saved(store)
    await claim(store, version)
    await timePasses(leaseMs + 5_000)
    await claim(other, version, 'holder-2')
    equal(await store.endRefresh({ ...holder(version), outcome: 'reauth_required' }), false)
    equal((await store.read(acme))?.state, 'active')
    equal((await claim(store, version, 'holder-3')).kind, 'held')
  })

  test('put voids a claim under way', async ({ store, other }) => {
    const { version } = await saved(store)
    await claim(store, version)
    const current = await saved(other)
    equal(await store.endRefresh({ ...holder(version), outcome: 'reauth_required' }), false)
    equal((await claim(other, current.version, 'holder-2')).kind, 'claimed')
  })
}
