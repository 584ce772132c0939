import { type CredentialKeys, postgresCredentialStore, rewrapCredentials } from '@syncline/adapter-postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migratedPglite } from '../../../../test-support/pglite-database.ts'
import { keyOf, keys } from './claims-age.ts'

const acme = { tenantId: 'tenant-1', ref: 'acme' }
const values = { apiKey: 'canary-api-key-1234' }
const oldKey = keyOf('key-1', 1)
const newKey = keyOf('key-2', 2)
const rotated: CredentialKeys = { current: newKey, retired: [oldKey] }

let pglite: Awaited<ReturnType<typeof migratedPglite>>
beforeAll(async () => {
  pglite = await migratedPglite()
})
afterAll(() => pglite.close())
beforeEach(async () => void (await pglite.query('delete from syncline.credential')))

const storeWith = (given: CredentialKeys) => postgresCredentialStore({ pglite, keys: given })
const rows = async () =>
  (await pglite.query('select * from syncline.credential order by tenant_id, ref')).rows
const unreadable = (reason: string) =>
  expect.objectContaining({ code: 'CREDENTIAL_UNREADABLE', details: expect.objectContaining({ reason }) })

describe('a stored credential', () => {
  test('holds no value in any form the database could read', async () => {
    await storeWith(keys).put(acme, { values })
    const { rows: dumped } = await pglite.query<{ text: string }>(
      `select c::text || encode(sealed, 'escape') || encode(sealed, 'base64') as text from syncline.credential c`,
    )
    expect(dumped[0]?.text).toContain('apiKey')
    expect(dumped[0]?.text).not.toContain(values.apiKey)
    expect(dumped[0]?.text).not.toContain(Buffer.from(values.apiKey).toString('hex'))
  })

  test('is sealed anew by every write: the same values never look the same', async () => {
    const store = storeWith(keys)
    const seen = new Set<unknown>()
    for (let round = 0; round < 3; round++) {
      await store.put(acme, { values })
      const { rows: stored } = await pglite.query<{ sealed: string; key: string }>(
        `select encode(sealed, 'hex') as sealed, encode(wrapped_key, 'hex') as key from syncline.credential`,
      )
      for (const { sealed, key } of stored) seen.add(sealed).add(key)
    }
    expect(seen.size).toBe(6)
  })

  test.each([
    ['tenant', `update syncline.credential set tenant_id = 'tenant-2'`, { ...acme, tenantId: 'tenant-2' }],
    ['reference', `update syncline.credential set ref = 'other'`, { ...acme, ref: 'other' }],
    ['version', 'update syncline.credential set version = version + 1', acme],
    ['key id', `update syncline.credential set key_id = 'key-2'`, acme],
    [
      'sealed values',
      `update syncline.credential set sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)`,
      acme,
    ],
    [
      'wrapped key',
      `update syncline.credential set wrapped_key = set_byte(wrapped_key, 30, get_byte(wrapped_key, 30) # 1)`,
      acme,
    ],
    ['length', `update syncline.credential set sealed = substr(sealed, 1, 20)`, acme],
  ])('moved to another %s, or changed there, is CREDENTIAL_UNREADABLE', async (_, change, id) => {
    await storeWith(keys).put(acme, { values })
    await pglite.query(change)
    await expect(storeWith(rotated).read(id)).rejects.toEqual(unreadable('not_authentic'))
  })

  test('does not open with the envelope of another row', async () => {
    const store = storeWith(keys)
    await store.put(acme, { values })
    await store.put({ ...acme, ref: 'other' }, { values: { apiKey: 'other' } })
    await pglite.query(`update syncline.credential set sealed = o.sealed, wrapped_key = o.wrapped_key
      from syncline.credential o where o.ref = 'other' and credential.ref = 'acme'`)
    await expect(store.read(acme)).rejects.toEqual(unreadable('not_authentic'))
  })
})

describe('a wrong key', () => {
  test.each([
    ['of another id', { current: newKey }, 'key_unknown'],
    ['under the same id', { current: keyOf('key-1', 9) }, 'not_authentic'],
  ])('%s is told from others, reads nothing and destroys nothing', async (_, wrong, reason) => {
    const { version } = await storeWith(keys).put(acme, { values })
    const before = await rows()
    const store = storeWith(wrong)
    const holder = { id: acme, version, holder: 'h' }
    await expect(store.read(acme)).rejects.toEqual(unreadable(reason))
    await expect(store.claimRefresh({ ...holder, leaseMs: 1_000 })).rejects.toEqual(unreadable(reason))
    await expect(store.completeRefresh({ ...holder, values: { apiKey: 'new' } })).rejects.toEqual(
      unreadable(reason),
    )
    expect(await store.list({})).toMatchObject([{ ...acme, names: ['apiKey'] }])
    expect(await rows()).toEqual(before)
    expect((await storeWith(keys).read(acme))?.values).toEqual(values)
  })

  test.each([
    ['too short', { current: { id: 'k', key: new Uint8Array(16) } }],
    ['without an id', { current: keyOf('', 1) }],
    ['with the id of another', { current: oldKey, retired: [keyOf('key-1', 2)] }],
  ])('%s is refused with OPTIONS_INVALID', (_, given) => {
    expect(() => storeWith(given)).toThrowError(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
  })
})

describe('rotating the key', () => {
  test('a retired key still reads; what is written is wrapped by the current one', async () => {
    await storeWith(keys).put(acme, { values })
    const store = storeWith(rotated)
    expect((await store.read(acme))?.values).toEqual(values)
    await store.put(acme, { values })
    expect((await storeWith({ current: newKey }).read(acme))?.values).toEqual(values)
  })

  test('rewrapCredentials leaves nothing to the old key, and changes neither values nor versions', async () => {
    const old = storeWith(keys)
    const ids = Array.from({ length: 250 }, (_, index) => ({ ...acme, ref: `ref-${index}` }))
    for (const id of ids) await old.put(id, { values: { apiKey: id.ref } })
    const before = await old.list({})
    expect(await rewrapCredentials({ pglite, keys: rotated })).toEqual({ rewrapped: 250, unreadable: [] })
    const store = storeWith({ current: newKey })
    expect(await store.list({})).toEqual(before)
    for (const id of ids) expect((await store.read(id))?.values).toEqual({ apiKey: id.ref })
    expect(await rewrapCredentials({ pglite, keys: rotated })).toEqual({ rewrapped: 0, unreadable: [] })
  })

  test('rewrapCredentials names what no key opens, and leaves it as it is', async () => {
    await storeWith(keys).put(acme, { values })
    await storeWith({ current: keyOf('lost', 7) }).put({ ...acme, ref: 'lost' }, { values })
    const [, lost] = await rows()
    expect(await rewrapCredentials({ pglite, keys: rotated })).toEqual({
      rewrapped: 1,
      unreadable: [{ ...acme, ref: 'lost', keyId: 'lost' }],
    })
    expect((await rows())[1]).toEqual(lost)
  })
})
