import { describe, expect, test } from 'vitest'
import { parseVolatilePaths } from '../../src/hashing/volatile-paths.ts'

describe('parseVolatilePaths', () => {
  test('takes names of fields and dot paths below attributes, each once', () => {
    const paths = ['email', 'displayName', 'attributes.a', 'attributes.a.b-c.d e', 'attributes.a']
    expect(parseVolatilePaths(paths)).toEqual([
      'email',
      'displayName',
      'attributes.a',
      'attributes.a.b-c.d e',
    ])
    expect(parseVolatilePaths([])).toEqual([])
  })

  test('takes sixteen segments and not one more', () => {
    const path = `attributes${'.a'.repeat(15)}`
    expect(parseVolatilePaths([path])).toEqual([path])
    expect(() => parseVolatilePaths([`${path}.a`])).toThrow(/more than 16 segments/)
  })

  test.each<readonly [string, unknown, RegExp]>([
    ['text', 'attributes.a', /must be a list/],
    ['nothing', null, /must be a list/],
    ['a number in the list', ['email', 1], /item 1 is not a string/],
    ['the id', ['externalId'], /"externalId" must be/],
    ['a name in brackets without an end', ['attributes["a'], /no JSON text/],
    ['all attributes', ['attributes'], /"attributes" must be/],
    ['an attribute without its root', ['lastLogin'], /start with "attributes\."/],
    ['an empty path', [''], /empty segment/],
    ['an empty segment', ['attributes.a..b'], /empty segment/],
    ['an empty end', ['attributes.'], /empty segment/],
    ['__proto__', ['attributes.__proto__.x'], /__proto__/],
    ['prototype', ['attributes.a.prototype'], /prototype/],
    ['constructor', ['attributes.constructor'], /constructor/],
    ['U+0000', ['attributes.a\0'], /U\+0000/],
    ['half a surrogate pair', ['attributes.\ud83d'], /half a surrogate pair/],
    ['too many', Array.from({ length: 65 }, (_, index) => `attributes.a${index}`), /at most 64/],
  ])('%s is refused', (_, paths, message) => {
    const refuse = (): unknown => parseVolatilePaths(paths)
    expect(refuse).toThrow(message)
    expect(refuse).toThrow(expect.objectContaining({ code: 'SYNC_CONFIG_INVALID' }))
  })
})
