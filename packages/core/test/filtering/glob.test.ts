import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileGlob, matchTokens } from '../../src/filtering/glob.ts'

/** The definition, word for word; exponential. */
function naive(pattern: readonly string[], text: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return text.length === 0
  if (first === '*') return naive(rest, text) || (text.length > 0 && naive(pattern, text.slice(1)))
  return text.length > 0 && (first === '?' || first === text[0]) && naive(rest, text.slice(1))
}

const table: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ['*', '', true],
  ['*', 'anything', true],
  ['**', 'a', true],
  ['?', '', false],
  ['?', 'a', true],
  ['?', '\u{1f600}', true],
  ['??', '\u{1f600}', false],
  ['abc', 'abc', true],
  ['abc', 'abcd', false],
  ['abc', 'xabc', false],
  ['Team-*', 'team-alpha', true],
  ['team-*', 'TEAM-', true],
  ['team-*', 'my team-a', false],
  ['*-admins', 'it-admins', true],
  ['*-admins', 'it-admins-2', false],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['*ab*ab', 'abab', true],
  ['*ab*ab', 'ab', false],
  ['a?c*', 'abcd', true],
  ['ÄRZTE*', 'ärzte Berlin', true],
  ['ΟΔΟΣ', 'οδος', true],
  ['\u212a', 'k', true],
  ['straße', 'STRASSE', false],
  ['straße', 'STRAẞE', true],
  ['\u{10400}', '\u{10428}', true],
  ['\u00e9', 'e\u0301', false],
  ['a.c', 'abc', false],
  ['[ab]', 'a', false],
  ['[ab]', '[AB]', true],
  ['(a+)+$', '(A+)+$', true],
  ['a\\*', 'a\\b', true],
  ['a\nb*', 'a\nb\nc', true],
]

describe('compileGlob', () => {
  test.each(table)('%j against %j: %s', (pattern, text, matches) => {
    expect(compileGlob(pattern)(text)).toBe(matches)
  })

  test('means what its definition says', () => {
    const letter = fc.constantFrom('a', 'b', '\u{1f600}')
    const patterns = fc.array(fc.oneof(letter, fc.constantFrom('*', '?')), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(patterns, fc.array(letter, { maxLength: 9 }), (pattern, text) => {
        expect(compileGlob(pattern.join(''))(text.join(''))).toBe(naive(pattern, text))
      }),
      { numRuns: 2_000 },
    )
  })

  test('every text matches itself in the other case, where that is as long', () => {
    const words = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 50 })
      .filter(
        (word) => !/[*?]/.test(word) && Array.from(word.toUpperCase()).length === Array.from(word).length,
      )
    fc.assert(
      fc.property(words, (word) => {
        expect(compileGlob(word)(word.toUpperCase())).toBe(true)
      }),
    )
  })

  test.each<readonly [string, string, RegExp]>([
    ['empty', '', /is empty/],
    ['longer than 256 characters', 'x'.repeat(257), /at most 256/],
    ['of more than 16 stars', '*a'.repeat(17), /at most 16/],
    ['with U+0000', 'a\0', /U\+0000/],
    ['with half a surrogate pair', '\ud83d', /half a surrogate pair/],
  ])('a pattern that is %s is refused', (_, pattern, message) => {
    const refuse = (): unknown => compileGlob(pattern)
    expect(refuse).toThrow(message)
    expect(refuse).toThrow(expect.objectContaining({ code: 'GLOB_INVALID' }))
  })

  test('256 characters outside the BMP and 16 stars are possible', () => {
    expect(compileGlob('\u{1f600}'.repeat(256))('\u{1f600}'.repeat(256))).toBe(true)
    expect(compileGlob('*a'.repeat(16))('a'.repeat(16))).toBe(true)
  })
})

const tokenCodes = new Map([
  ['*', -1],
  ['?', -2],
])
const codes = (text: string): number[] =>
  Array.from(text, (character) => tokenCodes.get(character) ?? character.codePointAt(0) ?? 0)

/** How often the subject is looked at. */
function looks(pattern: string, subject: string): number {
  let count = 0
  const counted = new Proxy(codes(subject), {
    get(target, property) {
      if (property === 'length') return target.length
      count++
      return Reflect.get(target, property) as unknown
    },
  })
  matchTokens(codes(pattern), counted)
  return count
}

describe('matching takes linear time', () => {
  const length = 100_000

  test.each<readonly [what: string, pattern: string, unit: string]>([
    ['many stars', `${'*a'.repeat(16)}b`, 'a'],
    ['stars and a start', `${'a*'.repeat(16)}b`, 'a'],
    ['a long piece that nearly fits everywhere', `*${'a'.repeat(20)}b`, 'a'],
    ['a long piece in the middle', `*${'ab'.repeat(10)}c*`, 'ab'],
    ['question marks', `*${'?'.repeat(20)}b`, 'a'],
  ])('%s', (_, pattern, unit) => {
    const subject = unit.repeat(length / unit.length)
    expect(looks(pattern, subject)).toBeLessThanOrEqual(pattern.length * length)
  })
})
