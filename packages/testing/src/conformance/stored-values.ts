import { deepEqual, equal } from 'node:assert/strict'
import type { JsonValue } from '@syncline/core'
import { connectorInput, pageOf, record, records, staff } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { allOf, begin, closeListing, commitPages, fullPassOf, prepareScopes } from './passes.ts'

/** Pairs that a database may take for the same: each must stay two resources. */
const lookAlikes: readonly (readonly [string, string, ...string[]])[] = [
  ['ada', 'Ada', 'ADA'],
  ['\u00e9', 'e\u0301'],
  ['7', '07', '007', '7.0', '+7'],
  ['a', 'a ', ' a', 'a\t', 'a\n'],
  ['\u{1f469}\u200d\u{1f4bb}', '\u{1f469}\u{1f4bb}'],
  ['\u212b', '\u00c5'],
  ['ss', '\u00df'],
  ["o'neil", 'o"neil', 'o\\neil'],
  ['%', '_', '\\', '%%'],
  ['\uffff', '\u{10000}', '\u{10ffff}'],
  ['null', 'undefined', 'NaN', 'true'],
]

const texts = [
  '',
  ' ',
  '\n\t\r\b\f',
  '\u0001\u001f\u007f',
  '"\\/',
  "'; drop table x; --",
  '$1 {} %s \\u0000',
  '\u00e9 e\u0301',
  '\u{1f469}\u200d\u{1f4bb}',
  '\u2028\u2029',
  '\ufeff',
  '\uffff',
  '\u202eabc',
  '\u{1f469}'.repeat(255),
]

const values: Record<string, JsonValue> = {
  empty: {},
  emptyList: [],
  emptyKey: { '': '' },
  floats: [0.1, -1.5, 1e-7, 1.7976931348623157e308, 5e-324, 0.30000000000000004],
  large: [1e21, 123456789012345680000, 9007199254740991, -9007199254740991, 2147483648],
  texts,
  nothing: null,
  truth: [true, false],
  nested: { a: [{ b: [[], [[{ c: null }]]] }] },
  names: { constructor: 1, toString: 2, 'a.b': 3, 'a b': 4, $ref: 5 },
  dates: '2026-01-01T00:00:00.000Z',
  numberLike: ['1', '01', '1e5'],
}

export function testStoredValues(suite: StoreSuite): void {
  storeCases(suite, 'Stored values', (test) => {
    test('external ids are byte-exact: case, normal form, zeros, blanks and emoji tell them apart', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const ids = lookAlikes.flat()
      const run = await fullPassOf(harness, records(...ids))
      equal(run.stats.added, ids.length)
      for (const externalId of ids) {
        const found = await store.resources.get({ ...staff, externalId })
        deepEqual([found?.externalId, found?.displayName], [externalId, `Name of ${externalId}`])
      }
      for (const [first, second] of lookAlikes) {
        equal(await store.resources.removeOne({ ...staff, externalId: first }), true)
        equal((await store.resources.get({ ...staff, externalId: second }))?.externalId, second)
      }
      equal(await store.resources.count(staff), ids.length - lookAlikes.length)
    })

    test('byte-exact ids are seen, excluded and quarantined as themselves', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('ada', 'Ada', '\u00e9', 'e\u0301'))
      const run = await begin(store)
      await commitPages(store, run, [
        { records: records('Ada'), excluded: ['ada'] },
        { rejected: [{ externalId: '\u00e9', position: 0, reason: 'TOO_DEEP', detail: 'too deep' }] },
      ])
      const { stats, unseen } = await closeListing(store, run)
      deepEqual([stats.unchanged, stats.excluded, stats.quarantined, unseen], [1, 1, 1, 2])
    })

    test('attributes come back as the same JSON: floats, 1e21, nested, empty and any text', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const given = Object.entries(values).map(([id, value]) => record(id, { attributes: { value } }))
      await fullPassOf(harness, given)
      for (const [externalId, value] of Object.entries(values)) {
        const found = await store.resources.get({ ...staff, externalId })
        deepEqual(found?.attributes, { value }, externalId)
      }
      const run = await fullPassOf(harness, given)
      deepEqual([run.stats.unchanged, run.stats.updated], [given.length, 0])
    })

    test('display name, e-mail and parent come back as given, up to 255 code points', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const given = texts.map((text, index) =>
        record(`id-${index}`, {
          displayName: text,
          email: text,
          ...(text && { parent: { resourceType: 'group', externalId: text } }),
        }),
      )
      const long = '\u{1f4bb}'.repeat(255)
      await fullPassOf(harness, [...given, record(long)])
      for (const [index, text] of texts.entries()) {
        const found = await store.resources.get({ ...staff, externalId: `id-${index}` })
        deepEqual([found?.displayName, found?.email], [text, text])
        deepEqual(found?.parent?.externalId, text || undefined)
      }
      equal((await store.resources.get({ ...staff, externalId: long }))?.externalId, long)
    })

    test('an e-mail of null stays null, and an empty one stays empty', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [record('1', { email: '' }), record('2', { email: null })])
      deepEqual(
        (await allOf(store)).map(({ email }) => email),
        ['', null],
      )
    })

    test('what is handed out or taken in is never shared with the caller', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      const given = [record('1', { attributes: { list: ['a'] } })]
      const page = pageOf(run, 1, { records: given })
      await store.resources.commitPage(page)
      given.push(record('2'))
      const [first] = await allOf(store)
      Object.assign(first?.attributes ?? {}, { list: 'changed' })
      Object.assign((await store.runs.get(run.runId))?.checkpoint ?? {}, { pages: 99 })
      deepEqual((await allOf(store))[0]?.attributes, { list: ['a'] })
      equal((await store.runs.get(run.runId))?.checkpoint.pages, 1)
    })

    test('connector settings come back as the same JSON', async ({ store }) => {
      await store.connectors.save(connectorInput('hr', { config: values }))
      deepEqual((await store.connectors.get('hr'))?.config, values)
    })
  })
}
