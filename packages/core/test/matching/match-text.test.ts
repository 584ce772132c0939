import { emailKey, matchFolding, matchText } from '@syncline/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

describe('the form in which addresses are compared', () => {
  test.each([
    ['Jane.Doe@Example.COM', 'jane.doe@example.com'],
    ['  jane@example.com\r\n', 'jane@example.com'],
    ['\u00a0jane@example.com\u00a0', 'jane@example.com'],
    ['JÜRGEN@MÜLLER.example', 'jürgen@müller.example'],
    // Composed and decomposed are one.
    ['Ju\u0308rgen@x.example', 'jürgen@x.example'],
    ['J\u030c@x.example', 'ǰ@x.example'],
    // Every sigma is σ, at the end of a word too.
    ['ΟΔΥΣΣΕΥΣ@x.example', 'οδυσσευσ@x.example'],
    ['Οδυσσεύς@x.example', 'οδυσσεύσ@x.example'],
    // Dotted and dotless i stay what they are, and i is neither.
    ['İ@x.example', 'İ@x.example'],
    ['ı@x.example', 'ı@x.example'],
    ['I@ı.example', 'i@ı.example'],
    // ß is not ss; its capital is itself.
    ['STRAẞE@x.example', 'straße@x.example'],
    ['Straße@x.example', 'straße@x.example'],
    ['STRASSE@x.example', 'strasse@x.example'],
    // Long s is not s.
    ['Je\u017fus@x.example', 'je\u017fus@x.example'],
    ['Ⅷ@x.example', 'ⅷ@x.example'],
    ['\u{10400}@x.example', '\u{10428}@x.example'],
  ])('%j is %j', (given, key) => expect(emailKey(given)).toBe(key))

  test.each([null, undefined, '', '   ', '\u00a0', 'n/a', 'none', '@example.com', 'jane@', '@', ' @ '])(
    'without something on both sides of an @ it is no address: %j',
    (given) => expect(emailKey(given)).toBeUndefined(),
  )

  test.each(['\u212aevin@x.example', 'a\u037eb@x.example', 'a\u1fefb@x.example'])(
    'text that Unicode composes to ASCII is compared with nothing: %j',
    (given) => expect(emailKey(given)).toBeUndefined(),
  )

  test.each([
    ['blanks between two letters', `a${' '.repeat(1_000_000)}b`],
    ['blanks only', ' '.repeat(1_000_000)],
    ['no-break spaces before a letter', `${'\u00a0'.repeat(1_000_000)}b@`],
    ['combining marks', `a${'\u0301\u0316'.repeat(500_000)}@x.example`],
  ])('a million characters are decided in linear time: %s', (_, text) => {
    const began = performance.now()
    expect(emailKey(text)).toBeUndefined()
    // Comparing each character with each other one takes minutes.
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  test('text of more than 2,048 characters is compared with nothing', () => {
    const issuer = `https://${'i'.repeat(2_040)}`
    expect(matchText(` ${issuer} `)).toBe(issuer)
    expect(matchText(`${issuer}i`)).toBeUndefined()
  })

  test('nothing outside ASCII becomes ASCII', () => {
    const becoming = everyLetter(0x80, 0x20_000).filter(
      (letter) => (matchText(`${letter}ß`) ?? 'ß') < '\u0080',
    )
    expect(becoming).toEqual([])
  })

  test('folding what is folded changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = matchText(text)
        if (once !== undefined) expect(matchText(once)).toBe(once)
      }),
    )
  })

  test('a letter becomes the lower case of its upper case where both are one letter', () => {
    const folded = Array.from(matchFolding.folded)
    const table = new Map(
      Array.from(matchFolding.letters, (letter, place) => [letter, folded[place]] as const),
    )
    expect(table.size).toBe(1_452)
    for (const [letter, other] of table) expect(simpleFold(letter), `of ${letter}`).toBe(other)
    // What a newer Unicode knows besides is left alone, wherever this runs.
    const others = everyLetter(0, 0x16_e40).filter(
      (letter) => simpleFold(letter) !== letter && !table.has(letter),
    )
    expect(others.filter((letter) => !isNewerThanUnicode14(letter.codePointAt(0) ?? 0))).toEqual([])
  })
})

const everyLetter = (from: number, until: number): string[] =>
  Array.from({ length: until - from }, (_, place) => from + place)
    .filter((code) => code < 0xd800 || code >= 0xe000)
    .map((code) => String.fromCodePoint(code))

function simpleFold(letter: string): string {
  const upper = ifSingle(letter.toUpperCase()) ?? letter
  const lower = ifSingle(upper.toLowerCase()) ?? upper
  return lower < '\u0080' && letter >= '\u0080' ? letter : lower
}

const ifSingle = (text: string): string | undefined => (Array.from(text).length === 1 ? text : undefined)

/** Latin letters of 16.0 and 17.0, the Cyrillic pair of 16.0, Garay. */
const isNewerThanUnicode14 = (code: number): boolean =>
  (code >= 0xa7cb && code <= 0xa7dd) ||
  code === 0x1c89 ||
  code === 0x264 ||
  (code >= 0x10d50 && code <= 0x10d65)
