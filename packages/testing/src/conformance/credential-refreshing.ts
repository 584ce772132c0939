import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Credential, CredentialStore } from '@syncline/core'
import { acme, type DeclareCase, expiresAt, values } from './credential-cases.ts'

const leaseMs = 30_000
const holder = (version: number, name = 'holder-1') => ({ id: acme, version, holder: name })
const claim = (store: CredentialStore, version: number, name = 'holder-1') =>
  store.claimRefresh({ ...holder(version, name), leaseMs })

async function saved(store: CredentialStore): Promise<Credential> {
  await store.put(acme, { values, expiresAt })
  const read = await store.read(acme)
  if (!read) throw new Error('What was put was not read')
  return read
}

export function testClaiming(test: DeclareCase): void {
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

export function testCompleting(test: DeclareCase): void {
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

export function testEnding(test: DeclareCase): void {
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
