import type { QuarantineReason } from '../../src/model/quarantine.ts'

const deep = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = { a: value }
  return value
}

const cycle: Record<string, unknown> = {}
cycle.self = cycle

const throwing = (field: string): object =>
  Object.defineProperty({}, field, {
    enumerable: true,
    get() {
      throw new Error('hunter2')
    },
  })

const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

/** A record that is fine but for what is given. */
export const recordWith = (fields: object): object => ({
  externalId: 'id-1',
  displayName: 'Ada',
  email: 'ada@example.com',
  attributes: { title: 'Countess' },
  ...fields,
})

type Row = readonly [what: string, raw: unknown, reason: QuarantineReason, detail: string | RegExp]

/** Records that cannot be kept and do not even have an id. */
export const nameless: readonly Row[] = [
  ['undefined', undefined, 'INVALID_SHAPE', 'the record is not an object'],
  ['null', null, 'INVALID_SHAPE', 'the record is not an object'],
  ['text', 'record', 'INVALID_SHAPE', 'the record is not an object'],
  ['a number', 42, 'INVALID_SHAPE', 'the record is not an object'],
  ['a list', [recordWith({})], 'INVALID_SHAPE', 'the record is not an object'],
  ['a function', () => 1, 'INVALID_SHAPE', 'the record is not an object'],
  ['an empty object', {}, 'INVALID_SHAPE', 'externalId is missing, not a string'],
  ['a promise', Promise.resolve(recordWith({})), 'INVALID_SHAPE', 'externalId is missing, not a string'],
  ['a revoked proxy', revoked(), 'INVALID_SHAPE', 'the record throws when read'],
  ['an id that throws', throwing('externalId'), 'INVALID_SHAPE', 'externalId throws when read'],
  ['a null id', recordWith({ externalId: null }), 'INVALID_SHAPE', 'externalId is null, not a string'],
  ['a number as id', recordWith({ externalId: 2 ** 53 }), 'INVALID_SHAPE', /is a number.*2\^53/],
  ['a bigint as id', recordWith({ externalId: 1n }), 'INVALID_SHAPE', /is a number.*as text/],
  [
    'an object as id',
    recordWith({ externalId: {} }),
    'INVALID_SHAPE',
    'externalId is an object, not a string',
  ],
  ['an empty id', recordWith({ externalId: '' }), 'INVALID_SHAPE', 'externalId is empty'],
  [
    'a blank id',
    recordWith({ externalId: ' \t\u00a0\u2003' }),
    'INVALID_SHAPE',
    'externalId is only whitespace',
  ],
  ['U+0000 in the id', recordWith({ externalId: 'a\0' }), 'NUL_CHARACTER', 'externalId holds U+0000'],
  ['half a pair in the id', recordWith({ externalId: '\ud83d' }), 'LONE_SURROGATE', /^externalId holds half/],
  [
    'an id of 256',
    recordWith({ externalId: 'x'.repeat(256) }),
    'TOO_LONG',
    'externalId is over 255 code points',
  ],
]

/** Records that cannot be kept but can be named: the id is `id-1`. */
export const named: readonly Row[] = [
  [
    'no name',
    recordWith({ displayName: undefined }),
    'INVALID_SHAPE',
    'displayName is missing, not a string',
  ],
  ['a null name', recordWith({ displayName: null }), 'INVALID_SHAPE', 'displayName is null, not a string'],
  [
    'a list as name',
    recordWith({ displayName: ['A'] }),
    'INVALID_SHAPE',
    'displayName is a list, not a string',
  ],
  ['U+0000 in the name', recordWith({ displayName: 'A\0' }), 'NUL_CHARACTER', 'displayName holds U+0000'],
  [
    'half a pair in the name',
    recordWith({ displayName: '\ude00' }),
    'LONE_SURROGATE',
    /^displayName holds half/,
  ],
  [
    'a name of 256',
    recordWith({ displayName: '\u{1f600}'.repeat(256) }),
    'TOO_LONG',
    /^displayName is over 255/,
  ],
  [
    'a name that throws',
    Object.assign(throwing('displayName'), { externalId: 'id-1' }),
    'INVALID_SHAPE',
    'displayName throws when read',
  ],
  ['a number as e-mail', recordWith({ email: 5 }), 'INVALID_SHAPE', 'email is a number, not a string'],
  ['U+0000 in the e-mail', recordWith({ email: 'a@\0' }), 'NUL_CHARACTER', 'email holds U+0000'],
  ['an e-mail of 256', recordWith({ email: 'x'.repeat(256) }), 'TOO_LONG', 'email is over 255 code points'],
  [
    'no attributes',
    recordWith({ attributes: undefined }),
    'INVALID_SHAPE',
    'attributes is not a plain object',
  ],
  ['null attributes', recordWith({ attributes: null }), 'INVALID_SHAPE', 'attributes is not a plain object'],
  [
    'a list of attributes',
    recordWith({ attributes: [] }),
    'INVALID_SHAPE',
    'attributes is not a plain object',
  ],
  [
    'a Map of attributes',
    recordWith({ attributes: new Map() }),
    'INVALID_SHAPE',
    'attributes is not a plain object',
  ],
  [
    'attributes that become text',
    recordWith({ attributes: { toJSON: () => 'x' } }),
    'INVALID_SHAPE',
    /toJSON/,
  ],
  [
    'attributes that vanish',
    recordWith({ attributes: { toJSON: () => undefined } }),
    'NOT_JSON',
    /undefined/,
  ],
  [
    'U+0000 deep down',
    recordWith({ attributes: { notes: ['', '', { text: 'x\0y' }] } }),
    'NUL_CHARACTER',
    'attributes.notes[2].text holds U+0000',
  ],
  [
    'U+0000 in a key',
    recordWith({ attributes: { 'a\0': 1 } }),
    'NUL_CHARACTER',
    /^attributes\["a\\u0000"\] is a name that holds U\+0000$/,
  ],
  [
    'half a pair',
    recordWith({ attributes: { a: 'x\ud83d' } }),
    'LONE_SURROGATE',
    'attributes.a holds half a surrogate pair',
  ],
  [
    'NaN',
    recordWith({ attributes: { a: Number.NaN } }),
    'NOT_JSON',
    'attributes.a is NaN, which JSON cannot carry',
  ],
  ['Infinity', recordWith({ attributes: { a: [Infinity] } }), 'NOT_JSON', /^attributes\.a\[0\] is Infinity/],
  ['a bigint', recordWith({ attributes: { a: 1n } }), 'NOT_JSON', /^attributes\.a is a bigint/],
  ['a function', recordWith({ attributes: { a: () => 1 } }), 'NOT_JSON', /^attributes\.a is a function/],
  ['a symbol', recordWith({ attributes: { a: Symbol('x') } }), 'NOT_JSON', /^attributes\.a is a symbol/],
  [
    'a Set',
    recordWith({ attributes: { a: new Set() } }),
    'NOT_JSON',
    /^attributes\.a is an instance of a class/,
  ],
  [
    'an attribute that throws',
    recordWith({ attributes: throwing('password') }),
    'NOT_JSON',
    'attributes.password throws when read',
  ],
  ['65 levels', recordWith({ attributes: deep(65) }), 'TOO_DEEP', /nested deeper than 64 levels$/],
  [
    'a million levels',
    recordWith({ attributes: deep(1_000_000) }),
    'TOO_DEEP',
    /nested deeper than 64 levels$/,
  ],
  ['a cycle', recordWith({ attributes: cycle }), 'TOO_DEEP', /nested deeper than 64 levels$/],
  [
    'over 1 MiB',
    recordWith({ attributes: { a: 'é'.repeat(524_288) } }),
    'TOO_LARGE',
    'attributes is over 1 MiB of JSON',
  ],
  ['a parent id alone', recordWith({ parent: 'g1' }), 'INVALID_SHAPE', 'parent is not a plain object'],
  [
    'half a parent',
    recordWith({ parent: { resourceType: 'group' } }),
    'INVALID_SHAPE',
    'parent.externalId is missing, not a string',
  ],
  [
    'a parent without type',
    recordWith({ parent: { externalId: 'g1' } }),
    'INVALID_SHAPE',
    'parent.resourceType is missing, not a string',
  ],
  [
    'a parent of no type',
    recordWith({ parent: { resourceType: 'Group', externalId: 'g1' } }),
    'INVALID_SHAPE',
    /^parent\.resourceType does not match/,
  ],
  [
    'a parent with a number',
    recordWith({ parent: { resourceType: 'group', externalId: 7 } }),
    'INVALID_SHAPE',
    /^parent\.externalId is a number/,
  ],
  [
    'a parent id with U+0000',
    recordWith({ parent: { resourceType: 'group', externalId: '\0' } }),
    'NUL_CHARACTER',
    'parent.externalId holds U+0000',
  ],
]
