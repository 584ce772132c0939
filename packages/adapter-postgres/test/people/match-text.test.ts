import type { PGlite } from '@electric-sql/pglite'
import { migrate } from '@syncline/adapter-postgres'
import { matchFolding, matchText } from '@syncline/core'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migratedPglite } from '../../../../test-support/pglite-database.ts'
import {
  asciiServerDatabase,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../../test-support/server-database.ts'

type Fold = (texts: readonly string[]) => Promise<readonly (string | null)[]>

const statement = `select array_agg(syncline.match_text(g.given) order by g.place) as folded
  from unnest($1::text[]) with ordinality as g(given, place)`

interface Folded {
  readonly folded: readonly (string | null)[]
}

/** Letters of every kind with what can stand beside them, every look-alike and white space. */
const odd = Array.from(
  Object.values(matchFolding).join('') +
    'İıſßẞςσΣ\'"\\@|%_\u0301\u0308\u0345\u200b\u3000\u2028\ufeff\u{1f600}',
)

const asCore = (texts: readonly string[]): (string | null)[] => texts.map((text) => matchText(text) ?? null)

async function sameAsCore(fold: Fold): Promise<void> {
  const one = [
    ...odd,
    ...odd.map((letter) => `Ab${letter}C`),
    ...odd.map((letter) => ` ${letter}\u0301\u00a0`),
    '',
  ]
  expect(await fold(one)).toEqual(asCore(one))
  const text = fc.array(
    fc.oneof(fc.constantFrom(...odd), fc.string({ unit: 'grapheme-ascii', maxLength: 3 })),
    {
      maxLength: 12,
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 50 }), async (given) => {
      const texts = given.map((letters) => letters.join(''))
      expect(await fold(texts)).toEqual(asCore(texts))
    }),
    { numRuns: 30 },
  )
}

describe('match_text', () => {
  let pglite: PGlite
  beforeAll(async () => {
    pglite = await migratedPglite()
  })
  afterAll(() => pglite.close())

  test('folds on PGlite what core folds, letter by letter', () =>
    sameAsCore(async (texts) => (await pglite.query<Folded>(statement, [texts])).rows[0]?.folded ?? []))

  test('of null is null', async () => {
    const { rows } = await pglite.query('select syncline.match_text(null) is null as yes')
    expect(rows).toEqual([{ yes: true }])
  })
})

describe.skipIf(!serverIsAvailable())('match_text on a server', () => {
  test.for(['C', 'template'])(
    'folds what core folds, letter by letter, whatever the locale: %s',
    async (locale) => {
      const database = await (locale === 'C'
        ? asciiServerDatabase()
        : emptyServerDatabase({ migrated: false }))
      const pool = new pg.Pool({ connectionString: database.url, max: 1 })
      await migrate({ pool })
      await sameAsCore(async (texts) => (await pool.query<Folded>(statement, [texts])).rows[0]?.folded ?? [])
      await pool.end()
      await database.drop()
    },
  )
})
