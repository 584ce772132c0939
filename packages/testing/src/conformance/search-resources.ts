import { deepEqual, equal } from 'node:assert/strict'
import type { ResourceQuery } from '@syncline/core'
import { record, records, staff, teams } from './builders.ts'
import { found } from './find-resources.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { fullPassOf, prepareScopes } from './passes.ts'

export function testSearchResources(suite: StoreSuite): void {
  storeCases(suite, 'ResourceStore: search', (test) => {
    test('search finds a part of display name, e-mail or external id, whatever its case', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [
        record('ID-7', {
          displayName: 'Ada Lovelace',
          email: 'Ada@Example.com',
          attributes: { note: 'secret' },
        }),
        record('id-8', { displayName: 'J\u00fcrgen M\u00dcLLER' }),
      ])
      const search = (part: string) => found(store, { ...staff, search: part })
      deepEqual(await search('LOVE'), ['ID-7'])
      deepEqual(await search('@example'), ['ID-7'])
      deepEqual(await search('Id-'), ['ID-7', 'id-8'])
      deepEqual(await search('m\u00fcller'), ['id-8'])
      deepEqual(await search('J\u00dcR'), ['id-8'])
      deepEqual(await search('secret'), [])
      deepEqual(await search('user'), [])
      deepEqual(await search(''), ['ID-7', 'id-8'])
    })

    test('search knows the cases of every script, and every sigma as one', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [
        record('greek', { displayName: 'ΟΔΥΣΣΕΥΣ Σοφοσλαβ' }),
        record('russian', { displayName: 'Александр' }),
        record('german', { displayName: 'GROẞE Straße' }),
        record('turkish', { displayName: 'İstanbul' }),
        record('emoji', { displayName: 'a😀b' }),
        // Letters that are none of ASCII, and fold to some that are.
        record('kelvin', { displayName: '5 \u212aelvin' }),
        record('dotted', { displayName: 'X\u0130' }),
      ])
      const search = (part: string) => found(store, { ...staff, search: part })
      for (const part of ['kelv', 'KELV', '\u212aELV', '5 k']) deepEqual(await search(part), ['kelvin'], part)
      for (const part of ['xi', 'XI', 'x\u0130']) deepEqual(await search(part), ['dotted'], part)
      for (const part of ['οδυσσευς', 'ΔΥΣΣ', 'δυς', 'ΣΟΦΟΣ', 'σοφος', 'Σ', 'ς']) {
        deepEqual(await search(part), ['greek'], part)
      }
      deepEqual(await search('КСАНД'), ['russian'])
      deepEqual(await search('große'), ['german'])
      deepEqual(await search('STRAẞE'), ['german'])
      deepEqual(await search('strasse'), [])
      deepEqual(await search('İSTAN'), ['turkish'])
      deepEqual(await search('i\u0307s'), ['turkish'])
      deepEqual(await search('😀'), ['emoji'])
    })

    test('a search that was counted before is counted right again after anything that changes it', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams)
      await fullPassOf(harness, records('z1', 'z2', 'z3', 'b1'))
      await fullPassOf(harness, records('z1'), { scope: teams })
      const counts = async (query: Partial<ResourceQuery> = {}) => {
        const asked = { ...staff, search: 'Z', ...query }
        const all = await store.resources.find({ ...asked, limit: 100 })
        const count = () => store.resources.count({ ...asked, atMost: 9 })
        // Twice, so that it is both counted and known.
        deepEqual([await count(), await count()], [all.length, all.length])
        return all.length
      }
      equal(await counts(), 3)
      equal(await counts({ search: 'b' }), 1)
      equal(await counts(teams), 1)
      equal(await counts({ tenantId: 'other' }), 0)
      equal(await counts({ stale: true }), 0)
      equal(await store.resources.count({ ...staff, search: 'Z', atMost: 2 }), 2)
      await store.resources.upsertOne({ scope: staff, record: record('z4') })
      equal(await counts(), 4)
      await store.resources.upsertOne({ scope: staff, record: record('b1', { email: 'z@b' }) })
      equal(await counts(), 5)
      await store.resources.removeOne({ ...staff, externalId: 'z1' })
      equal(await counts(), 4)
      await fullPassOf(harness, records('z2', 'z3'))
      equal(await counts({ stale: true }), 2)
      equal(await counts({ stale: false }), 2)
      await store.connectors.remove(staff.connectorId)
      equal(await counts(), 0)
    })

    test('what no text can hold is part of nothing', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [record('😀', { displayName: 'a\ufffdb' })])
      for (const part of ['\u0000', 'a\u0000', '\ud83d', '\ude00', 'a\ud83d']) {
        deepEqual(await found(store, { ...staff, search: part }), [], JSON.stringify(part))
        equal(await store.resources.get({ ...staff, externalId: part }), undefined)
      }
    })

    test('search does not look across fields', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [
        record('id', { displayName: 'name', email: 'mail' }),
        record('x', { displayName: 'a\u0001b', email: null }),
      ])
      const search = (part: string) => found(store, { ...staff, search: part })
      for (const part of ['namemail', 'mailid', 'name\u0001', '\u0001mail\u0001', 'name\nmail', 'b\u0001']) {
        deepEqual(await search(part), [], JSON.stringify(part))
      }
      deepEqual(await search('A\u0001B'), ['x'])
      deepEqual(await search('\u0001'), ['x'])
    })

    test('%, _, \\ and other signs are plain characters in a search', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const names = {
        percent: '100% sure',
        underscore: 'a_b',
        backslash: 'a\\b',
        quote: "O'Neil",
        dot: 'a.b*[c]',
      }
      await fullPassOf(
        harness,
        Object.entries(names).map(([id, displayName]) => record(id, { displayName })),
      )
      const search = (part: string) => found(store, { ...staff, search: part })
      deepEqual(await search('%'), ['percent'])
      deepEqual(await search('a_b'), ['underscore'])
      deepEqual(await search('_'), ['underscore'])
      deepEqual(await search('\\'), ['backslash'])
      deepEqual(await search('\\b'), ['backslash'])
      deepEqual(await search("'"), ['quote'])
      deepEqual(await search('.b*['), ['dot'])
      deepEqual(await search('100%%'), [])
    })

    test('search, stale, type and slices work together', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams)
      await fullPassOf(harness, records('x1', 'x2', 'x3', 'y1'), { scope: staff })
      await fullPassOf(harness, records('x3', 'y1'), { scope: staff })
      await fullPassOf(harness, records('x0'), { scope: teams })
      deepEqual(await found(store, { connectorId: 'hr', search: 'X', stale: false }), ['x0', 'x3'])
      const query = { ...staff, search: 'X', stale: true }
      deepEqual(
        (await store.resources.find({ ...query, limit: 1, offset: 1 })).map(({ externalId }) => externalId),
        ['x2'],
      )
      deepEqual(
        (
          await store.resources.find({
            ...query,
            limit: 5,
            after: { resourceType: 'user', externalId: 'x1' },
          })
        ).map(({ externalId }) => externalId),
        ['x2'],
      )
    })
  })
}
