import { SyncError } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { redactByName } from '../../src/credentials/redact-text.ts'
import { createRedactor } from '../../src/credentials/redactor.ts'

const secret = 'c4n4ry/<S3cret>&"q"\'x'

const knowing = (value = secret) => {
  const redactor = createRedactor()
  redactor.learn({ token: value })
  return redactor
}

const html = (apostrophe: string) =>
  secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", apostrophe)

describe('a known secret is struck', () => {
  test.each([
    ['in JSON as PHP writes it', JSON.stringify(secret).replaceAll('/', '\\/')],
    [
      'in JSON as Go writes it',
      JSON.stringify(secret).replaceAll(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
    ],
    ['in JSON within JSON', JSON.stringify(JSON.stringify({ x: secret }))],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(secret))],
    ['in HTML', html('&#39;')],
    ['in XML', html('&apos;')],
    ['in HTML as templates write it', html('&#x27;')],
  ])('%s', (_, text) => {
    expect(knowing().text(`before ${text} after`)).not.toContain('c4n4ry')
  })

  test('where it is a number', () => {
    expect(knowing('123456789').fields({ pin: 123_456_789, big: 123_456_789n, other: 5 })).toEqual({
      pin: '[redacted]',
      big: '[redacted]',
      other: 5,
    })
  })
})

describe('an unknown secret is struck', () => {
  test.each([
    ['in JSON within a text', String.raw`{\"password\":\"hunter2\",\"a\":1}`],
    ['after five blanks', 'password:     hunter2'],
    ['in an XML element', '<ns:password type="plain">hunter2</ns:password>'],
    ['in an XML element of several words', '<client-secret>hunter2</client-secret>'],
  ])('%s', (_, text) => expect(redactByName(text)).not.toContain('hunter2'))

  test('as a JSON Web Token', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP'
    expect(redactByName(`got ${token}, sorry`)).toBe('got [redacted], sorry')
  })
})

describe('what is logged', () => {
  test('may be errors whose texts are no texts', () => {
    const odd = Object.assign(new Error('x'), { name: 7, stack: { secret } })
    Object.defineProperty(odd, 'message', { value: { secret } })
    const throwing = new Error('x')
    Object.defineProperty(throwing, 'message', {
      get: () => {
        throw new Error('no')
      },
    })
    for (const thrown of [odd, throwing, new SyncError('INTERNAL', 'ok')]) {
      expect(knowing().thrown(thrown)).toBeInstanceOf(Error)
    }
  })

  test('may be boxed texts, which are not written letter by letter', () => {
    expect(knowing().fields({ boxed: Object(secret), count: Object(5) })).toEqual({
      boxed: '[redacted]',
      count: 5,
    })
  })

  test('is copied once, however many paths lead to it', () => {
    let copies = 0
    let value: object = {
      get leaf() {
        copies += 1
        return 1
      },
    }
    for (let level = 0; level < 6; level++) {
      const inner = value
      value = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`k${index}`, inner]))
    }
    knowing().fields(value)
    expect(copies).toBe(1)
  })
})

/** How much longer sixteen times the text takes: 16 where the time is in proportion, 256 where it grows with the square. */
function growth(work: (size: number) => void): number {
  const time = (size: number): number => {
    const rounds = [1, 2, 3].map(() => {
      const began = performance.now()
      work(size)
      return performance.now() - began
    })
    return Math.min(...rounds)
  }
  time(10_000)
  return time(640_000) / Math.max(time(40_000), 0.5)
}

describe('the time to strike grows with the text, not with its square', () => {
  const redactor = knowing('a-secret-of-some-length')
  const base64 = `${Buffer.from('xa-secret-of-some-length').toString('base64')} `
  test.each<[string, (size: number) => string]>([
    ['very many finds in Base64', (size) => base64.repeat(size / base64.length)],
    ['a token that does not end', (size) => `eyJ${'a'.repeat(size)}`],
    ['beginnings of tokens', (size) => 'eyJ-'.repeat(size / 4)],
    ['parts of tokens', (size) => 'eyJaaaaaa.'.repeat(size / 10)],
    ['elements without an end', (size) => '<password '.repeat(size / 10)],
    ['names and blanks', (size) => 'password '.repeat(size / 9)],
    ['backslashes', (size) => `password${'\\'.repeat(size)}`],
  ])('%s', (_, text) => {
    expect(growth((size) => void redactor.text(text(size)))).toBeLessThan(100)
  })
})
