import { deepEqual, equal } from 'node:assert/strict'
import { type PageContent, record, staff } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { allOf, changesOf, fullPass, fullPassOf, prepareScopes } from './passes.ts'

const under = (hashRecipe: string) => ({ run: { hashRecipe } })

export function testHashRecipes(suite: StoreSuite): void {
  storeCases(suite, 'ResourceStore.commitPage: another hash recipe', (test) => {
    test('rows hashed by another recipe are compared by content and only re-stamped when equal', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const parent = { resourceType: 'group', externalId: 'g' }
      const content = { email: 'a@x', attributes: { b: [1, 1e21], a: null }, parent }
      await fullPassOf(harness, [record('1', content), record('2')], under('recipe-1'))
      const next = [
        record('1', { ...content, hashRecipe: 'recipe-2' }),
        record('2', { hashRecipe: 'recipe-2' }),
      ]
      const run = await fullPassOf(harness, next, under('recipe-2'))
      deepEqual([run.stats.unchanged, run.stats.updated], [2, 0])
      equal((await changesOf(store)).length, 2)
      deepEqual(
        (await allOf(store)).map(({ hash }) => hash),
        next.map(({ hash }) => hash),
      )
    })

    test('a re-stamped row is compared by its new hash from then on', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [record('1')], under('recipe-1'))
      const stamped = record('1', { hashRecipe: 'recipe-2' })
      await fullPassOf(harness, [stamped], under('recipe-2'))
      // Only a volatile part differs: equal hashes decide, content is not looked at.
      const volatile = { ...stamped, displayName: 'Volatile' }
      const run = await fullPassOf(harness, [volatile], under('recipe-2'))
      deepEqual([run.stats.unchanged, run.stats.updated], [1, 0])
    })

    test('other content under another recipe is an update, whichever part differs', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const parent = { resourceType: 'group', externalId: 'g' }
      const ids = ['name', 'email', 'attributes', 'parent', 'parent type', 'no parent']
      const before = ids.map((id) => record(id, { email: 'a@x', attributes: { a: 1 }, parent }))
      await fullPassOf(harness, before, under('recipe-1'))
      const same = { email: 'a@x', attributes: { a: 1 }, hashRecipe: 'recipe-2' }
      const after = [
        record('name', { ...same, displayName: 'New', parent }),
        record('email', { ...same, email: 'A@x', parent }),
        record('attributes', { ...same, attributes: { a: '1' }, parent }),
        record('parent', { ...same, parent: { ...parent, externalId: 'G' } }),
        record('parent type', { ...same, parent: { ...parent, resourceType: 'role' } }),
        record('no parent', same),
      ]
      const run = await fullPassOf(harness, after, under('recipe-2'))
      deepEqual([run.stats.updated, run.stats.unchanged], [6, 0])
    })

    test('equal hashes of two recipes prove nothing', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const first = record('1')
      await fullPassOf(harness, [first], under('recipe-1'))
      const run = await fullPassOf(harness, [{ ...first, displayName: 'New' }], under('recipe-2'))
      equal(run.stats.updated, 1)
    })

    test('going back to an earlier recipe is a change of recipe too', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [record('1'), record('2')], under('recipe-1'))
      await fullPassOf(harness, [record('1', { hashRecipe: 'recipe-2' })], under('recipe-2'))
      const run = await fullPassOf(harness, [record('1'), record('2')], under('recipe-1'))
      deepEqual([run.stats.unchanged, run.stats.restored, run.stats.updated], [1, 1, 0])
    })

    test('a re-stamped row that comes again with other content is an update', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const pages: PageContent[] = [
        { records: [record('1', { hashRecipe: 'recipe-2' })] },
        { records: [record('1', { hashRecipe: 'recipe-2', displayName: 'Last wins' })] },
      ]
      await fullPassOf(harness, [record('1')], under('recipe-1'))
      const run = await fullPass(harness, pages, under('recipe-2'))
      deepEqual([run.stats.updated, run.stats.unchanged], [1, 0])
      equal((await allOf(store))[0]?.displayName, 'Last wins')
    })
  })
}
