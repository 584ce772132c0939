import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/hashing/canonical-json.ts'
import type { RejectedRecord } from '../../src/model/quarantine.ts'
import { type SanitisedRecord, sanitiseRecord } from '../../src/records/sanitise-record.ts'
import { named, nameless, recordWith } from './poison.ts'

function rejected(raw: unknown): RejectedRecord {
  const outcome = sanitiseRecord(raw, 7)
  if (!('reason' in outcome)) throw new Error('the record was kept')
  return outcome
}

function kept(raw: unknown): SanitisedRecord {
  const outcome = sanitiseRecord(raw, 7)
  if ('reason' in outcome) throw new Error(outcome.detail)
  return outcome
}

const matching = (detail: string | RegExp): unknown =>
  typeof detail === 'string' ? detail : expect.stringMatching(detail)

describe('a record that cannot be kept is rejected with where and why', () => {
  test.for(nameless)('%s', ([, raw, reason, detail]) => {
    expect(rejected(raw)).toEqual({ externalId: undefined, position: 7, reason, detail: matching(detail) })
  })

  test.for(named)('%s, under its id', ([, raw, reason, detail]) => {
    expect(rejected(raw)).toEqual({ externalId: 'id-1', position: 7, reason, detail: matching(detail) })
  })

  test('details are short and storable and hold no values', () => {
    const names = Array.from({ length: 40 }, (_, level) => `${level}-${'\u{1f600}\0\ud83d'.repeat(30)}`)
    const attributes = names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), 'hunter2\0')
    const long = recordWith({ attributes: { a: attributes } })
    for (const raw of [long, ...named.map(([, poison]) => poison), ...nameless.map(([, poison]) => poison)]) {
      const { detail } = rejected(raw)
      expect(detail.length).toBeLessThanOrEqual(300)
      expect(detail.isWellFormed() && !detail.includes('\0')).toBe(true)
      expect(detail).not.toContain('hunter2')
    }
  })
})

describe('a record that can be kept is kept as it is', () => {
  test('with its attributes as canonical JSON and itself as source', () => {
    const raw = recordWith({ attributes: { b: 1, a: { d: [2], c: undefined } }, unknown: 'field' })
    expect(kept(raw)).toEqual({
      externalId: 'id-1',
      displayName: 'Ada',
      email: 'ada@example.com',
      attributesJson: '{"a":{"d":[2]},"b":1}',
      parent: undefined,
      source: raw,
    })
    expect(kept(raw).source).toBe(raw)
  })

  test.each<readonly [string, string]>([
    ['leading zeros', '007'],
    ['spaces around', ' a b '],
    ['case', 'AbC'],
    ['composed letters', '\u00e9'],
    ['decomposed letters', 'e\u0301'],
    ['255 code points outside the BMP', '\u{1f600}'.repeat(255)],
    ['a name of prototypes', '__proto__'],
    ['quotation marks and line breaks', '"\\\n'],
  ])('an id is kept byte for byte: %s', (_, externalId) => {
    expect(kept(recordWith({ externalId })).externalId).toBe(externalId)
  })

  test.each<readonly [string, object, string | null]>([
    ['absent', { email: undefined }, null],
    ['null', { email: null }, null],
    ['empty', { email: '' }, ''],
    ['in capitals', { email: 'ADA@Example.COM' }, 'ADA@Example.COM'],
    ['255 code points long', { email: '\u{1f600}'.repeat(255) }, '\u{1f600}'.repeat(255)],
  ])('an e-mail address that is %s', (_, fields, email) => {
    expect(kept(recordWith(fields)).email).toBe(email)
  })

  test('a display name may be empty or 255 code points long', () => {
    expect(kept(recordWith({ displayName: '' })).displayName).toBe('')
    const displayName = '\u{1f600}'.repeat(255)
    expect(kept(recordWith({ displayName })).displayName).toBe(displayName)
  })

  test('a parent is kept, without what does not belong to it', () => {
    const parent = { resourceType: 'group', externalId: '007', extra: 1 }
    expect(kept(recordWith({ parent })).parent).toEqual({ resourceType: 'group', externalId: '007' })
    expect(kept(recordWith({ parent: null })).parent).toBeUndefined()
  })

  test('attributes lose names of prototypes and nothing else', () => {
    const attributes = JSON.parse('{"__proto__":{"admin":true},"a":{"constructor":1,"b":2}}') as unknown
    expect(kept(recordWith({ attributes })).attributesJson).toBe('{"a":{"b":2}}')
    expect('admin' in {}).toBe(false)
  })

  test('dates in attributes are ISO text', () => {
    expect(kept(recordWith({ attributes: { at: new Date(0) } })).attributesJson).toBe(
      '{"at":"1970-01-01T00:00:00.000Z"}',
    )
  })

  test('64 levels and 1 MiB of attributes', () => {
    let deep: unknown = {}
    for (let level = 1; level < 64; level++) deep = { a: deep }
    expect(kept(recordWith({ attributes: deep })).attributesJson).toHaveLength(63 * 6 + 2)
    const a = 'x'.repeat(1_048_576 - '{"a":""}'.length)
    expect(kept(recordWith({ attributes: { a } })).attributesJson).toHaveLength(1_048_576)
  })

  test('getters are read once', () => {
    let reads = 0
    const raw = Object.defineProperty(recordWith({}), 'externalId', { get: () => `id-${++reads}` })
    expect(kept(raw).externalId).toBe('id-1')
  })
})

describe('whatever a connector returns', () => {
  test('it is kept unaltered or rejected, and nothing is thrown', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true })
    const likely = fc.record(
      {
        externalId: fc.oneof(fc.string({ unit: 'binary' }), anything),
        displayName: fc.oneof(fc.string(), anything),
        email: fc.oneof(fc.string(), anything),
        attributes: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), anything),
        parent: anything,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(likely, anything), (raw) => {
        const outcome = sanitiseRecord(raw, 0)
        if ('reason' in outcome) return
        const { source, attributesJson, externalId, displayName } = outcome
        expect({ externalId, displayName }).toEqual({
          externalId: source.externalId,
          displayName: source.displayName,
        })
        expect(attributesJson).toBe(canonicalJson(source.attributes))
      }),
      { numRuns: 300 },
    )
  })
})
