import type { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { Kysely, PGliteDialect, PostgresDialect, type RawBuilder, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migratedPglite } from '../../../test-support/pglite-database.ts'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { jsonTextArray, optionalTextArray, textArray } from '../src/array-literals.ts'

const special = [
  '',
  'NULL',
  'null',
  '"',
  '\\',
  '\\"',
  '{',
  '}',
  ',',
  "'",
  ' a ',
  'é',
  'e\u0301',
  '😀',
  '\u0001\n\t',
]
const text = fc
  .oneof(fc.constantFrom(...special), fc.string({ unit: 'grapheme' }))
  .map((value) => value.replaceAll('\u0000', '').toWellFormed())

/** The array as the database took it, read back as JSON. */
async function read(db: Kysely<unknown>, array: RawBuilder<unknown>): Promise<unknown> {
  const { rows } = await sql<{ json: string | null }>`select to_json(${array})::text as json`.execute(db)
  return JSON.parse(rows[0]?.json ?? 'null')
}

function testArrays(connect: () => Kysely<unknown>): void {
  test('of texts and NULLs arrive as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text), { maxLength: 8 }), async (values) => {
        expect(await read(connect(), textArray(values))).toEqual(values)
        const all = values.every((value) => value === null)
        expect(await read(connect(), optionalTextArray(values))).toEqual(all ? null : values)
      }),
      { numRuns: 100 },
    )
  })

  test('of JSON texts arrive as they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(text, text), { minLength: 1, maxLength: 5 }),
        async (objects) => {
          const texts = objects.map((object) => JSON.stringify(object))
          expect(await read(connect(), jsonTextArray(texts))).toEqual(texts)
        },
      ),
      { numRuns: 50 },
    )
  })
}

describe('arrays sent to PGlite', () => {
  let pglite: PGlite
  let db: Kysely<unknown>
  beforeAll(async () => {
    pglite = await migratedPglite()
    db = new Kysely({ dialect: new PGliteDialect({ pglite }) })
  })
  afterAll(() => db.destroy())
  testArrays(() => db)
})

describe.skipIf(!serverIsAvailable())('arrays sent to a server', () => {
  let database: Database
  let db: Kysely<unknown>
  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: false })
    db = new Kysely({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) }),
    })
  })
  afterAll(async () => {
    await db.destroy()
    await database.drop()
  })
  testArrays(() => db)
})
