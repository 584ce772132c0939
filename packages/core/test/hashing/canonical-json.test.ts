import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/hashing/canonical-json.ts'

/** The plain way: sorted clones put together from JSON.stringify, without the names that are dropped. */
function naive(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(naive).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([name]) => !['__proto__', 'constructor', 'prototype'].includes(name))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${naive(member)}`).join(',')}}`
}

const strings = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'))
const names = fc.oneof(
  strings,
  fc.nat({ max: 120 }).map(String),
  fc.constantFrom('constructor', 'toJSON', 'a', ''),
)
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    strings,
    fc.array(tie('json'), { maxLength: 6 }),
    fc.dictionary(names, tie('json'), { maxKeys: 90, size: 'small' }),
  ),
}))

/** The same value with the members of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  )
}

function double(bits: string): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(`0x${bits}`))
  return view.getFloat64(0)
}

// RFC 8785, appendix B.
const numbers: readonly (readonly [bits: string, text: string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
]

describe('canonicalJson follows RFC 8785', () => {
  test.each(numbers)('the double %s is written %s', (bits, written) => {
    expect(canonicalJson(double(bits))).toBe(written)
  })

  test('names are sorted by UTF-16 code unit (section 3.2.3)', () => {
    const given = JSON.parse(
      String.raw`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`,
    ) as unknown
    expect(canonicalJson(given)).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    )
  })

  test('names that look like numbers are sorted as text', () => {
    expect(canonicalJson({ 9: 'a', 10: 'b', a: 1 })).toBe('{"10":"b","9":"a","a":1}')
  })

  test('strings are escaped where they must be and nowhere else (section 3.2.2.2)', () => {
    const given = `€$\u000f\nA'B"\\\\"/\u007f\u2028`
    expect(canonicalJson(given)).toBe(`"€$\\u000f\\nA'B\\"\\\\\\\\\\"/\u007f\u2028"`)
  })

  test('is sorted clones and JSON.stringify on any JSON value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(value)).toBe(naive(value))
      }),
    )
  })

  test('the order of members never matters, whatever was written before', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))
      }),
    )
  })

  test('a round trip through JSON changes nothing', () => {
    const withGaps = fc.dictionary(
      names,
      fc.oneof(json, fc.constant(undefined), fc.date({ noInvalidDate: true })),
    )
    fc.assert(
      fc.property(withGaps, (value) => {
        expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(canonicalJson(value))
      }),
    )
  })

  test('more shapes than are remembered are still written right', () => {
    for (let shape = 0; shape < 2_000; shape++) {
      const value = { [`z${shape % 700}`]: 1, [`k${shape}`]: { b: shape, a: 2 }, a: 3 }
      expect(canonicalJson(value)).toBe(naive(value))
    }
  })
})

describe('canonicalJson takes what JSON.stringify takes', () => {
  class Money {
    toJSON(name: string): unknown {
      return { amount: 3, name }
    }
  }

  test.each<readonly [what: string, value: unknown, written: string]>([
    ['undefined members are left out', { b: undefined, a: 1 }, '{"a":1}'],
    ['undefined items are null', [undefined, 1], '[null,1]'],
    ['holes are null', Array.from({ length: 2, 1: 1 }), '[null,1]'],
    ['a Date is its ISO text', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['an invalid Date is null', [new Date(Number.NaN)], '[null]'],
    ['a URL is its text', new URL('https://example.com/a'), '"https://example.com/a"'],
    ['toJSON gets the name', { price: new Money() }, '{"price":{"amount":3,"name":"price"}}'],
    ['toJSON gets the index', [new Money()], '[{"amount":3,"name":"0"}]'],
    ['toJSON at the top gets no name', new Money(), '{"amount":3,"name":""}'],
    ['toJSON may leave a member out', { a: { toJSON: () => undefined }, b: 1 }, '{"b":1}'],
    ['a member called toJSON is data', { toJSON: 'no' }, '{"toJSON":"no"}'],
    ['no prototype', Object.assign(Object.create(null), { b: 1, a: 2 }), '{"a":2,"b":1}'],
    ['another realm', runInNewContext('({ b: [1], a: {} })'), '{"a":{},"b":[1]}'],
    ['symbols as names are passed over', { [Symbol('s')]: 1, a: 2 }, '{"a":2}'],
    ['nothing', {}, '{}'],
    ['an empty list', [], '[]'],
  ])('%s', (_, value, written) => {
    expect(canonicalJson(value)).toBe(written)
  })

  test('names of prototypes are dropped at every depth, and nothing is polluted', () => {
    const value = JSON.parse(
      '{"a":[{"__proto__":{"polluted":1},"b":1}],"constructor":{"prototype":{"polluted":1}},"prototype":2}',
    ) as unknown
    expect(canonicalJson(value)).toBe('{"a":[{"b":1}]}')
    expect('polluted' in {}).toBe(false)
  })

  test('an object that stands in two places is written twice', () => {
    const shared = { x: 1 }
    expect(canonicalJson({ a: shared, b: [shared, shared] })).toBe('{"a":{"x":1},"b":[{"x":1},{"x":1}]}')
  })
})

const nested = (depth: number, leaf: unknown): unknown => {
  let value = leaf
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

describe('canonicalJson refuses', () => {
  class Person {
    readonly surname = 'Lovelace'
  }
  class Odd {
    isPrototypeOf(): boolean {
      return false
    }
  }
  const cycle: { self?: unknown; list: unknown[] } = { list: [] }
  cycle.self = cycle
  const endless = { toJSON: (): unknown => ({ next: endless }) }

  test.for<readonly [what: string, value: unknown, reason: string, path: string]>([
    ['NaN', { notes: [1, 2, { text: Number.NaN }] }, 'NOT_JSON', 'value.notes[2].text'],
    ['an infinity', [Number.NEGATIVE_INFINITY], 'NOT_JSON', 'value[0]'],
    ['a bigint', { a: { b: 1n } }, 'NOT_JSON', 'value.a.b'],
    ['a function', { f: () => 1 }, 'NOT_JSON', 'value.f'],
    ['a symbol', { s: Symbol('s') }, 'NOT_JSON', 'value.s'],
    ['undefined itself', undefined, 'NOT_JSON', 'value'],
    ['a Map', { m: new Map([[1, 2]]) }, 'NOT_JSON', 'value.m'],
    ['a Set', { m: new Set([1]) }, 'NOT_JSON', 'value.m'],
    ['a RegExp', { r: /x/ }, 'NOT_JSON', 'value.r'],
    ['a promise', { p: Promise.resolve() }, 'NOT_JSON', 'value.p'],
    ['an instance of a class', { c: new Person() }, 'NOT_JSON', 'value.c'],
    ['an instance that looks like the root of a realm', { c: new Odd() }, 'NOT_JSON', 'value.c'],
    ['an instance that toJSON answers', { toJSON: () => new Map() }, 'NOT_JSON', 'value'],
    ['U+0000', { a: 1, notes: ['a', 'b\0c'] }, 'NUL_CHARACTER', 'value.notes[1]'],
    ['U+0000 in long text', { a: `${'x'.repeat(5_000)}\0` }, 'NUL_CHARACTER', 'value.a'],
    ['half a surrogate pair', { a: 'x\ud83d' }, 'LONE_SURROGATE', 'value.a'],
    ['the other half', { a: '\ude00x' }, 'LONE_SURROGATE', 'value.a'],
    ['halves the wrong way round', { a: '\ude00\ud83d' }, 'LONE_SURROGATE', 'value.a'],
    ['half a pair in long text', { a: `${'x'.repeat(5_000)}\ud83d` }, 'LONE_SURROGATE', 'value.a'],
    ['U+0000 in a name', { a: { 'b\0c': 1 } }, 'NUL_CHARACTER', String.raw`value.a["b\u0000c"]`],
    ['half a pair in a name', [{ '\ud83d': 1 }], 'LONE_SURROGATE', String.raw`value[0]["\ud83d"]`],
    [
      'a getter that throws',
      {
        a: {
          get b(): never {
            throw new Error('secret')
          },
        },
      },
      'NOT_JSON',
      'value.a.b',
    ],
    ['a million characters too many', { a: 'x'.repeat(2_000_000) }, 'TOO_LARGE', 'value'],
  ])('%s', ([, value, reason, path]) => {
    expect(() => canonicalJson(value)).toThrow(
      expect.objectContaining({ code: 'RECORD_INVALID', details: { reason, path } }),
    )
  })

  test('more than 64 levels', () => {
    expect(canonicalJson(nested(64, 1))).toHaveLength(1 + 32 * 2 + 32 * 6)
    expect(() => canonicalJson(nested(65, 1))).toThrow(/deeper than 64 levels/)
  })

  test.each<readonly [what: string, value: unknown]>([
    ['a cycle', cycle],
    ['a million levels', nested(1_000_000, 1)],
    ['a toJSON without end', endless],
  ])('%s, without running out of stack', (_, value) => {
    const refusal = expect.objectContaining({
      details: expect.objectContaining({ reason: 'TOO_DEEP' }) as unknown,
    })
    expect(() => canonicalJson(value)).toThrow(refusal)
  })

  test('more than 1 MiB, counted in bytes of UTF-8', () => {
    const mebibyte = 1_048_576
    const around = '{"a":""}'.length
    expect(Buffer.byteLength(canonicalJson({ a: 'x'.repeat(mebibyte - around) }))).toBe(mebibyte)
    expect(() => canonicalJson({ a: 'x'.repeat(mebibyte - around + 1) })).toThrow(/over 1 MiB/)
    // Two bytes each.
    const half = (mebibyte - around) / 2
    expect(Buffer.byteLength(canonicalJson({ a: 'é'.repeat(half) }))).toBe(mebibyte)
    expect(() => canonicalJson({ a: 'é'.repeat(half + 1) })).toThrow(/over 1 MiB/)
  })

  test('a small object that unfolds to terabytes, at once', () => {
    let value: unknown = ['lol']
    for (let level = 0; level < 12; level++) value = Array.from({ length: 10 }, () => value)
    expect(() => canonicalJson(value)).toThrow(/over 1 MiB/)
  })

  test.each([0, 1])(
    'and its message is storable and holds nothing of the value (path moved by %i)',
    (moved) => {
      let value: unknown = { [`the end${'!'.repeat(moved)}`]: 'secret\0' }
      for (let level = 0; level < 60; level++) value = { ['\u{1f600}'.repeat(20)]: value }
      let message = ''
      try {
        canonicalJson(value)
      } catch (error) {
        message = String(error)
      }
      expect(message).toMatch(/\["the end!?"\] holds U\+0000$/)
      expect(message.length).toBeLessThan(300)
      expect(message.isWellFormed()).toBe(true)
      expect(message).not.toContain('secret')
    },
  )
})
