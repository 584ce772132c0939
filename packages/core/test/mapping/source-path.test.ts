import { describe, expect, test } from 'vitest'
import { compileSourcePath, type PathRoot, sourcePathProblem } from '../../src/mapping/source-path.ts'

const resource: PathRoot = {
  externalId: 'e-1',
  displayName: 'Jane Doe',
  email: 'jane@example.com',
  parent: { resourceType: 'group', externalId: 'g-1' },
  attributes: {
    department: 'Sales',
    nested: { deep: { value: 42 } },
    emails: [{ value: 'a@example.com' }, { value: 'b@example.com' }],
    'with.dot': 'seen',
    'with.dots.too': { 'and.more': 1 },
    with: { dots: 2 },
    extensions: { 'urn:example:schemas:2.0:User': { badge: 'B1' }, 'a"]b': 3, '': 4 },
    empty: '',
    nothing: null,
    no: false,
    zero: 0,
    toString: 'own',
    '01': 'leading',
  },
}
const read = (path: string): unknown => compileSourcePath(path)(resource)

describe('a path into a resource', () => {
  test.each([
    ['externalId', 'e-1'],
    ['displayName', 'Jane Doe'],
    ['email', 'jane@example.com'],
    ['parent.externalId', 'g-1'],
    ['attributes.department', 'Sales'],
    ['attributes.nested.deep.value', 42],
    ['attributes.nested.deep', { value: 42 }],
    ['attributes.emails.1.value', 'b@example.com'],
    ['attributes.empty', ''],
    ['attributes.nothing', null],
    ['attributes.no', false],
    ['attributes.zero', 0],
    // Own, whatever it is called.
    ['attributes.toString', 'own'],
    ['attributes.01', 'leading'],
    // Names that hold dots, quoted or not. The shortest names come first.
    ['attributes.with.dot', 'seen'],
    ['attributes["with.dot"]', 'seen'],
    ['attributes.with.dots', 2],
    ['attributes.with.dots.too.and.more', 1],
    ['attributes["with.dots.too"]["and.more"]', 1],
    ['attributes["with.dots.too"].and.more', 1],
    ['attributes.extensions.urn:example:schemas:2.0:User.badge', 'B1'],
    ['attributes.extensions["urn:example:schemas:2.0:User"].badge', 'B1'],
    ['attributes.extensions["a\\"]b"]', 3],
    ['attributes.extensions[""]', 4],
    ['attributes["emails"]["1"].value', 'b@example.com'],
  ])('%s reads what stands there', (path, value) => {
    expect(sourcePathProblem(path)).toBeUndefined()
    expect(read(path)).toEqual(value)
  })

  test.each([
    'attributes.missing',
    'attributes.valueOf',
    'attributes.hasOwnProperty',
    'attributes.with.dot.more',
    'attributes["with"]["dot"]',
    'attributes["with"].dot',
    'attributes.emails["0.value"]',
    'attributes.department.length',
    'attributes.department.0',
    'attributes.emails.length',
    'attributes.emails.2',
    'attributes.emails.-1',
    'attributes.emails.01',
    'attributes.emails.map',
    'attributes.nothing.more',
    'attributes.zero.toFixed',
    'displayName.length',
  ])('%s reads nothing: it is not an own member or item', (path) => expect(read(path)).toBeUndefined())

  test.each([
    '',
    '.',
    'attributes.',
    '.attributes',
    'attributes..department',
    'hash',
    'resourceId',
    'Email',
    'attributes["a',
    'attributes["a"]b',
    'attributes["\\q"]',
    '["attributes"]x',
  ])('%j is refused', (path) => {
    expect(sourcePathProblem(path)).toBeDefined()
    expect(read(path)).toBeUndefined()
  })

  test('of 1,000 segments is refused, of 65 it reads, and the length of one segment does not matter', () => {
    const deep = (levels: number): PathRoot => {
      let value: PathRoot['attributes'] = { end: 'here' }
      for (let level = 0; level < levels; level++) value = { a: value }
      return { ...resource, attributes: value }
    }
    const path = (levels: number): string =>
      ['attributes', ...Array.from({ length: levels }, () => 'a'), 'end'].join('.')
    expect(sourcePathProblem(path(998))).toBe('has 1000 segments, at most 65 are possible')
    expect(compileSourcePath(path(998))(deep(998))).toBeUndefined()
    expect(compileSourcePath(path(63))(deep(63))).toBe('here')
    expect(sourcePathProblem(path(64))).toBe('has 66 segments, at most 65 are possible')
    expect(read(`attributes.${'x'.repeat(100_000)}`)).toBeUndefined()
  })
})

/** Each unsafe name, at each place, with each way on from it. */
const pollution = [
  ...new Set(
    ['__proto__', 'constructor', 'prototype'].flatMap((unsafe) =>
      [
        '',
        'attributes.',
        'attributes.nested.',
        'attributes.emails.',
        'attributes.emails.0.',
        'parent.',
      ].flatMap((before) =>
        [
          '',
          '.polluted',
          '.toString',
          '.prototype.polluted',
          '.constructor.prototype',
          '.0',
          '.__proto__',
        ].flatMap((after) => [`${before}${unsafe}${after}`, `${before}nested.${unsafe}${after}`]),
      ),
    ),
  ),
]

describe('prototype pollution', () => {
  test('has over 200 paths to try', () => expect(pollution.length).toBeGreaterThanOrEqual(200))

  test.each(pollution)('%s is refused and reads nothing', (path) => {
    expect(sourcePathProblem(path)).toMatch(/which is never stored$/)
    expect(read(path)).toBeUndefined()
  })

  test.each([
    'attributes.__PROTO__',
    'attributes.__proto__ ',
    'attributes.[__proto__]',
    'attributes["__proto__"]',
    'attributes.__proto\u200b__',
    'attributes.\\u005f_proto__',
    'attributes.__defineGetter__',
    'attributes.__lookupGetter__',
  ])('%s is a name like any other, and reads nothing', (path) => expect(read(path)).toBeUndefined())
})
