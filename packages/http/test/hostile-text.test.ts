import { expect, test } from 'vitest'
import { readIdempotencyKey } from '../src/idempotency.ts'
import { parseJson } from '../src/input/parse-json.ts'
import { parsePrefer } from '../src/input/prefer.ts'
import { readJsonBody } from '../src/input/read-body.ts'
import { ifMatch, revisionsOf } from '../src/schemas/entity-tag.ts'
import { bulkResolution } from '../src/schemas/resolution.ts'
import { syncConfigChange } from '../src/schemas/sync-config.ts'

/** With the square of its length a text of this size takes minutes: the runner's time limit ends the test. */
const size = 1_000_000
const blanks = ' '.repeat(size)
const hostileTexts = [
  `a=${blanks}"`,
  `a${blanks}b`,
  `${blanks}a`,
  `a=b;${blanks}x`,
  `"${'a'.repeat(size)}`,
  '"a",'.repeat(size / 4),
  `"a"${blanks}`,
  'W/'.repeat(size / 2),
  `application/json${blanks};`,
  `application/json;${blanks}x`,
  ','.repeat(size),
  '='.repeat(size),
  ';'.repeat(size),
]

test.each(hostileTexts.map((text) => [`${text.slice(0, 20)}…`, text]))(
  'a header of a million characters that begins with %j is read in linear time',
  (_, text) => {
    parsePrefer(text)
    revisionsOf(text)
    ifMatch.safeParse(text)
    expect(() => readIdempotencyKey({ 'idempotency-key': text })).toThrow('Idempotency-Key')
    const headers = { 'content-type': text }
    expect(() => readJsonBody(new Uint8Array([123, 125]), { headers, maxBytes: 10 })).toThrow(
      'application/json',
    )
  },
)

test('a preference of more than 200 characters is passed over, the others count', () => {
  expect(parsePrefer(`x=${'y'.repeat(199)}, respond-async, wait=5`)).toEqual({
    respondAsync: true,
    waitMs: 5_000,
  })
  expect(parsePrefer(`wait=5;${'y'.repeat(200)}`)).toEqual({ respondAsync: false })
})

test.each([
  ['respond-async', { respondAsync: true }],
  [' respond-async ; x=1 ;y', { respondAsync: true }],
  ['wait = "7" ;q=1', { respondAsync: false, waitMs: 7_000 }],
  ['wait=\t8', { respondAsync: false, waitMs: 8_000 }],
  ['foo="a;b", wait=9', { respondAsync: false, waitMs: 9_000 }],
  ['wait=9 9', { respondAsync: false }],
  ['wait="9', { respondAsync: false }],
  ['respond-async=1', { respondAsync: false }],
  ['', { respondAsync: false }],
])('Prefer: %s is read as before', (header, expected) => {
  expect(parsePrefer(header)).toEqual(expected)
})

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

test.each(['[1,1', '[{},{}', '{"a":1,"b":1', '[[],[]', '["a,b","c"'])(
  'a body of more than 50,000 values, such as %s…, is refused before it is parsed',
  (start) => {
    const [first = '', second = ''] = start.split(/,(?!b")/)
    // It never ends, so the parser would say that it is no JSON.
    const body = bytesOf(`${first}${`,${second}`.repeat(60_000)}`)
    expect(() => parseJson(body)).toThrow('it has more than 50000 values')
  },
)

test('commas and brackets in texts are not counted as values', () => {
  const text = ',[{'.repeat(100_000)
  expect(parseJson(bytesOf(JSON.stringify([text])))).toEqual([text])
})

test('as many values as the longest lists have are taken', () => {
  const list = Array.from({ length: 10_000 }, (_, index) => `id-${index}`)
  const change = { filterRules: { groupIds: list, emailDomains: list } }
  const body = parseJson(bytesOf(JSON.stringify(change)))
  expect(syncConfigChange.safeParse(body).success).toBe(true)
  expect(bulkResolution.safeParse({ action: 'skip', matchIds: list }).success).toBe(true)
})

test.each(['groupIds', 'emailDomains'])(
  'more than 10,000 %s are one issue, whatever the items are',
  (name) => {
    for (const item of ['x', 1, null, '']) {
      const result = syncConfigChange.safeParse({ filterRules: { [name]: Array(10_001).fill(item) } })
      expect(result.error?.issues).toMatchObject([
        { path: ['filterRules', name], message: 'must have at most 10000 items' },
      ])
    }
  },
)

test('more than 10,000 match ids are one issue', () => {
  const result = bulkResolution.safeParse({ action: 'skip', matchIds: Array(10_001).fill(1) })
  expect(result.error?.issues).toHaveLength(1)
})

test('defaults of more than 256 profile fields are refused', () => {
  const fields = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, 1]))
  expect(syncConfigChange.safeParse({ createUserDefaults: fields(256) }).success).toBe(true)
  expect(syncConfigChange.safeParse({ createUserDefaults: fields(257) }).success).toBe(false)
})
