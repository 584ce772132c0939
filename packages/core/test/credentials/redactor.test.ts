import { inspect } from 'node:util'
import { isSyncError, SyncError } from '@syncline/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactByName } from '../../src/credentials/redact-text.ts'
import { createRedactor } from '../../src/credentials/redactor.ts'

const secret = 'c4n4ry /+S3cret!~(*)=="\\ü'

const knowing = (values: Readonly<Record<string, string>> = { token: secret }) => {
  const redactor = createRedactor()
  redactor.learn(values)
  return redactor
}

const encodings: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  json: (text) => JSON.stringify(text),
  'percent-encoded': encodeURIComponent,
  'lower-case percent-encoded': (text) =>
    encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
  form: (text) => new URLSearchParams({ text }).toString(),
  hex: (text) => Buffer.from(text).toString('hex'),
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'basic credentials, as password': (text) => Buffer.from(`user:${text}`).toString('base64'),
  'basic credentials, as user': (text) => Buffer.from(`${text}:x`).toString('base64'),
}

describe('a known secret', () => {
  test.each(Object.entries(encodings))('is struck and found: %s', (_, encode) => {
    const redactor = knowing()
    const text = `before ${encode(secret)} after`
    expect(redactor.text(text)).toMatch(/^before .*\[redacted\].* after$/)
    expect(redactor.finds(text)).toBe(true)
    expect(redactor.text(text)).not.toContain(encode(secret))
  })

  test('is struck at any place of any Base64 text', () => {
    const cases = fc.record({
      value: fc.string({ unit: 'grapheme', minLength: 8, maxLength: 60 }),
      before: fc.string({ maxLength: 9 }),
      after: fc.string({ maxLength: 9 }),
    })
    fc.assert(
      fc.property(cases, ({ value, before, after }) => {
        fc.pre(value.isWellFormed())
        const encoded = Buffer.from(`${before}${value}${after}`).toString('base64')
        expect(knowing({ token: value }).text(`[${encoded}]`)).toBe('[[redacted]]')
      }),
      { examples: [[{ value: 'aaaaaaaa', before: '', after: '' }]] },
    )
  })

  test('leaves nothing of itself in any text', () => {
    const cases = fc.record({
      value: fc.string({ minLength: 8, maxLength: 40 }),
      parts: fc.array(fc.string({ maxLength: 10 }), { minLength: 1, maxLength: 5 }),
    })
    fc.assert(
      fc.property(cases, ({ value, parts }) => {
        fc.pre(value.trim() !== '' && !'[redacted]'.includes(value))
        expect(knowing({ token: value }).text(parts.join(value))).not.toContain(value)
      }),
    )
  })

  test('that was replaced stays known for a while', () => {
    const redactor = knowing({ token: 'the first token' })
    redactor.learn({ token: 'the second token' })
    expect(redactor.text('the first token, the second token')).toBe('[redacted], [redacted]')
  })

  test('of several lines is struck line by line, too', () => {
    const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'
    expect(
      knowing({ privateKey: `-----BEGIN PRIVATE KEY-----\n${line}\n-----END` }).text(`at ${line}!`),
    ).toBe('at [redacted]!')
  })

  test('that is a part of another is struck with it', () => {
    expect(knowing({ a: 'part-of-it', b: 'part-of-it-and-more' }).text('part-of-it-and-more')).toBe(
      '[redacted]',
    )
  })

  test('too short to be told from chance is struck from messages, but finds nothing in records', () => {
    const redactor = knowing({ pin: '4711' })
    expect(redactor.text('pin was 4711')).toBe('pin was [redacted]')
    expect(redactor.finds('4711')).toBe(false)
  })

  test('of less than four characters is not struck', () => {
    expect(knowing({ pin: 'abc' }).text('abc')).toBe('abc')
  })

  test.each(['username', 'client_id', 'clientId', 'tenantId', 'token_url'])(
    'is none under the name %s',
    (name) => {
      const redactor = knowing({ [name]: 'some-identifier' })
      expect(redactor.text('some-identifier')).toBe('some-identifier')
      expect(redactor.finds('some-identifier')).toBe(false)
    },
  )
})

describe('by name', () => {
  test.each([
    ['Authorization: Bearer abc.def', 'Authorization: [redacted]'],
    ['headers {"authorization":"Bearer abc"}', 'headers {"authorization":[redacted]'],
    ['{"access_token":"a\\"b","ok":1}', '{"access_token":[redacted],"ok":1}'],
    ['GET /users?page=2&api_key=k1&x=y', 'GET /users?page=2&api_key=[redacted]&x=y'],
    ['client_secret=s&grant_type=refresh_token', 'client_secret=[redacted]&grant_type=refresh_token'],
    ['https://user:pass@host/path', 'https://[redacted]@host/path'],
    ['sent Bearer eyJ0eXAi.1.x', 'sent Bearer [redacted]'],
    ["password: 'p q'", 'password: [redacted]'],
    ['Set-Cookie: sid=1; HttpOnly\nnext', 'Set-Cookie: [redacted]\nnext'],
  ])('%s', (text, struck) => {
    expect(redactByName(text)).toBe(struck)
  })

  test.each([
    'Upstream refused the credentials: HTTP 401',
    'bearer authentication is needed',
    'basic information about users',
    'Page 3 points back to a page of this listing',
    'https://host/path?page=2',
  ])('leaves alone: %s', (text) => {
    expect(redactByName(text)).toBe(text)
  })

  test('takes time in proportion to the text', () => {
    const started = performance.now()
    for (const unit of ['a-', 'token=', 'x://', 'bearer ', '"', 'api_key="\\', 'authorization:']) {
      redactByName(unit.repeat(100_000))
    }
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

describe('what is logged', () => {
  test('is struck at any depth, in keys, errors, causes, maps, sets, headers and getters', () => {
    const token = 'plain-canary-token'
    const redactor = knowing({ token })
    const error = Object.assign(new Error(`failed with ${token}`, { cause: new Error(token) }), {
      response: { headers: new Headers({ 'x-echo': token }) },
    })
    const fields = {
      error,
      list: [token, { [token]: 1 }],
      map: new Map([['key', token]]),
      set: new Set([token]),
      url: new URL(`https://host/?q=${token}`),
      bytes: Buffer.from(token),
      get lazy() {
        return token
      },
      toString: () => token,
    }
    const struck = redactor.fields(fields)
    expect(inspect(fields, { depth: 20 })).toContain(token)
    expect(inspect(struck, { depth: 20, getters: true })).not.toContain(token)
    expect(JSON.stringify(struck)).not.toContain(token)
    expect(struck).toMatchObject({ error: expect.any(Error) })
  })

  test('under a sensitive name is struck, whatever it is', () => {
    const fields = {
      headers: { Authorization: 'x', accept: 'json' },
      password: ['a', { b: 'c' }],
      fencingToken: 3,
    }
    expect(createRedactor().fields(fields)).toEqual({
      headers: { Authorization: '[redacted]', accept: 'json' },
      password: ['[redacted]', { b: '[redacted]' }],
      fencingToken: 3,
    })
  })

  test('may be circular, deep, or throw when it is read', () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    let deep: object = {}
    for (let level = 0; level < 100; level++) deep = { deep }
    const hostile = {
      get trap() {
        throw new Error('no')
      },
    }
    expect(() => JSON.stringify(createRedactor().fields({ circular, deep, hostile }))).not.toThrow()
  })

  test('an error of ours stays one, with code, details and wait', () => {
    const error = new SyncError('RATE_LIMITED', `slow down ${secret}`, {
      details: { page: 3, quoted: secret },
      retryAfterMs: 7,
    })
    const struck = knowing().thrown(error)
    if (!isSyncError(struck, 'RATE_LIMITED')) throw new Error('It is no error of ours any more')
    expect(struck).toMatchObject({ details: { page: 3, quoted: '[redacted]' }, retryAfterMs: 7 })
    expect(struck.message).toBe('slow down [redacted]')
    expect(struck.stack).not.toContain(secret)
  })
})
