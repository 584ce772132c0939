import { deepEqual, equal, ok } from 'node:assert/strict'
import { defined } from './builders.ts'
import { acme, type DeclareCase, expiresAt, values } from './credential-cases.ts'

export function testKeeping(test: DeclareCase): void {
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

  test('put keeps the values whatever expiry came with them', async ({ store }) => {
    for (const odd of ['+058858-01-01T00:00:00.000Z', '0000-01-01T00:00:00.000Z', 'no date']) {
      await store.put(acme, { values, expiresAt: new Date(odd) })
      deepEqual((await store.read(acme))?.values, values)
    }
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
