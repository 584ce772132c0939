import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/hashing/canonical-json.ts'
import { hashRecipe, recordHash } from '../../src/hashing/record-hash.ts'

const plain = hashRecipe([])

interface Content {
  readonly externalId: string
  readonly displayName: string
  readonly email: string | null
  readonly attributes: Record<string, unknown>
  readonly parent?: { readonly resourceType: string; readonly externalId: string } | undefined
}

const ada: Content = {
  externalId: '007',
  displayName: 'Ada Lovelace',
  email: 'ada@example.com',
  attributes: { title: 'Countess', lastLogin: '2026-01-01', a: { b: 1, c: 2 }, list: [{ b: 1 }] },
}

const hashOf = ({ attributes, ...content }: Content, recipe = plain): string =>
  recordHash({ ...content, attributesJson: canonicalJson(attributes) }, recipe)

const withAttributes = (attributes: Record<string, unknown>): Content => ({ ...ada, attributes })

describe('recordHash', () => {
  test('stays what it has always been', () => {
    expect(hashOf(ada)).toBe('dc93cbd8aa8b6f0decbc2497ba7cf9925ed4b3e3b0abd64929b01baa4d4e3511')
    expect(hashOf({ externalId: 'g1', displayName: 'Zoë "Z" 😀', email: null, attributes: {} })).toBe(
      '13a7078c7545acfc6c03e328a534c6c4799bd33f8ecb1b2dfb57eb013abc7223',
    )
    expect(hashOf({ ...ada, parent: { resourceType: 'group', externalId: 'g1' } })).toBe(
      '95c8d0f592701d6d88587421e3ce6efcbc460e12ab925eeacd5b9b14ce3c5ae4',
    )
    expect(hashOf(ada, hashRecipe(['attributes.lastLogin', 'email']))).toBe(
      '68cc482ed2af0a698d6395283c012c9f816ebdd53a7cc29e65564c48c9e2fc1d',
    )
  })

  test('is SHA-256 of the canonical JSON of the record', () => {
    const contents = fc.record({
      externalId: fc.string(),
      displayName: fc.string(),
      email: fc.option(fc.string()),
      attributes: fc.dictionary(fc.string(), fc.string()),
      parent: fc.option(fc.record({ resourceType: fc.string(), externalId: fc.string() }), {
        nil: undefined,
      }),
    })
    fc.assert(
      fc.property(contents, (content) => {
        const expected = createHash('sha256').update(canonicalJson(content)).digest('hex')
        expect(hashOf(content)).toBe(expected)
      }),
    )
  })

  test.each<readonly [string, Content]>([
    ['the external id', { ...ada, externalId: '7' }],
    ['the display name', { ...ada, displayName: 'Ada' }],
    ['the e-mail address', { ...ada, email: null }],
    ['an attribute', withAttributes({ ...ada.attributes, title: 'countess' })],
    ['a parent', { ...ada, parent: { resourceType: 'group', externalId: 'g' } }],
    ['composed and decomposed letters', { ...ada, displayName: 'Ada Lovelace\u0301' }],
  ])('%s makes another hash', (_, changed) => {
    expect(hashOf(changed)).not.toBe(hashOf(ada))
  })
})

describe('volatile paths', () => {
  const recipe = hashRecipe([
    'attributes.lastLogin',
    'attributes.a.b',
    'displayName',
    'email',
    'attributes.list.b',
  ])

  test.each<readonly [string, Content]>([
    ['another value', withAttributes({ ...ada.attributes, lastLogin: '2026-02-02' })],
    ['no value', withAttributes({ title: 'Countess', a: { b: 1, c: 2 }, list: [{ b: 1 }] })],
    ['another value further down', withAttributes({ ...ada.attributes, a: { b: [9], c: 2 } })],
    ['another display name', { ...ada, displayName: 'A. Lovelace' }],
    ['another e-mail address', { ...ada, email: null }],
  ])('%s there is no change', (_, changed) => {
    expect(hashOf(changed, recipe)).toBe(hashOf(ada, recipe))
    expect(hashOf(changed)).not.toBe(hashOf(ada))
  })

  test.each<readonly [string, Content]>([
    ['beside it', withAttributes({ ...ada.attributes, a: { b: 1, c: 3 } })],
    ['of the same name elsewhere', withAttributes({ ...ada.attributes, c: { lastLogin: 1 } })],
    ['in an item of a list', withAttributes({ ...ada.attributes, list: [{ b: 2 }] })],
    ['where the path meets something else', withAttributes({ ...ada.attributes, a: 'text' })],
  ])('what stands %s still counts', (_, changed) => {
    expect(hashOf(changed, recipe)).not.toBe(hashOf(ada, recipe))
  })

  test.each([
    'attributes.extensions.urn:example:2.0:User.lastLogin',
    'attributes.extensions["urn:example:2.0:User"].lastLogin',
  ])('%s leaves out a member below a name with dots', (path) => {
    const badge = (lastLogin: string, badgeId = 'B1') =>
      withAttributes({ extensions: { 'urn:example:2.0:User': { lastLogin, badgeId } } })
    const dotted = hashRecipe([path])
    expect(hashOf(badge('today'), dotted)).toBe(hashOf(badge('yesterday'), dotted))
    expect(hashOf(badge('today', 'B2'), dotted)).not.toBe(hashOf(badge('today'), dotted))
  })

  test('only own properties are met', () => {
    const inherited = hashRecipe(['attributes.toString', 'attributes.a.hasOwnProperty'])
    expect(hashOf(ada, inherited)).toBe(hashOf(ada))
  })
})

describe('hashRecipe', () => {
  test('has a name of its own for each set of volatile paths', () => {
    expect(plain.id).toBe('sha256-v1')
    const { id } = hashRecipe(['attributes.b', 'attributes.a'])
    expect(id).toMatch(/^sha256-v1-[0-9a-f]{16}$/)
    expect(hashRecipe(['attributes.a', 'attributes.b', 'attributes.a']).id).toBe(id)
    expect(hashRecipe(['attributes.a']).id).not.toBe(id)
  })

  test('stays what it has always been', () => {
    expect(hashRecipe(['attributes.lastLogin']).id).toBe('sha256-v1-78f2d1f4e62780f4')
  })
})
