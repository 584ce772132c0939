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
import { arrayBytes } from '../src/array-bytes.ts'
import { arrayLiterals } from '../src/array-literals.ts'
import { type ArrayEncoding, optionalText } from '../src/arrays.ts'

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

function testArrays(arrays: ArrayEncoding, connect: () => Kysely<unknown>): void {
  test('of texts and NULLs arrive as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text), { maxLength: 8 }), async (values) => {
        expect(await read(connect(), arrays.text(values))).toEqual(values)
        const all = values.every((value) => value === null)
        expect(await read(connect(), optionalText(arrays, values))).toEqual(all ? null : values)
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
          expect(await read(connect(), arrays.json(texts))).toEqual(texts)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('of ids arrive as they are, in either case of letters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uuid(), { maxLength: 8 }), async (ids) => {
        expect(await read(connect(), arrays.uuid(ids))).toEqual(ids)
        expect(await read(connect(), arrays.uuid(ids.map((id) => id.toUpperCase())))).toEqual(ids)
      }),
      { numRuns: 50 },
    )
  })

  test('of bits arrive as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 9 }), async (bytes) => {
        const hex = Buffer.from(bytes).toString('hex')
        expect(await read(connect(), arrays.bytes(bytes))).toBe(`\\x${hex}`)
      }),
      { numRuns: 50 },
    )
  })
}

test.each([
  '',
  'x',
  '0190d1f0-0000-7000-8000-00000000000',
  '0190d1f0-0000-7000-8000-0000000000001',
  'g'.repeat(32),
])('an id that is no UUID, %j, is refused with OPTIONS_INVALID', (id) => {
  expect(() => arrayBytes.uuid([id])).toThrowError(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
})

describe('arrays sent to PGlite', () => {
  let pglite: PGlite
  let db: Kysely<unknown>
  beforeAll(async () => {
    pglite = await migratedPglite()
    db = new Kysely({ dialect: new PGliteDialect({ pglite }) })
  })
  afterAll(() => db.destroy())
  testArrays(arrayLiterals, () => db)
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
  describe('as literals', () => {
    testArrays(arrayLiterals, () => db)
  })
  describe('as bytes', () => {
    testArrays(arrayBytes, () => db)
  })
})
