import { createHmac } from 'node:crypto'
import { type SignedBodyScheme, signedBody } from '@syncline/connector-http'
import type { WebhookRequest } from '@syncline/core'
import { describe, expect, test } from 'vitest'

// docs.github.com, "Validating webhook deliveries": the published example.
const secret = "It's a Secret to Everybody"
const body = Buffer.from('Hello, World!')
const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
const github: SignedBodyScheme = {
  header: 'X-Hub-Signature-256',
  prefix: 'sha256=',
}

const request = (change: Partial<WebhookRequest> = {}): WebhookRequest => ({
  body,
  headers: { 'x-hub-signature-256': signature, 'x-github-delivery': '72d3162e' },
  repeated: [],
  secrets: [secret],
  receivedAt: new Date(),
  ...change,
})

const verdict = (change?: Partial<WebhookRequest>, scheme = github) => signedBody(scheme)(request(change))

describe('signedBody', () => {
  test('verifies the vector that GitHub publishes', () => {
    expect(verdict()).toMatchObject({ verified: true })
  })

  const withoutId = { 'x-hub-signature-256': signature }
  test.each<[string, Partial<WebhookRequest>]>([
    ['another secret', { secrets: ['another secret'] }],
    ['another body', { body: Buffer.from('Hello, World! ') }],
    ['no signature', { headers: { 'x-github-delivery': '1' } }],
    ['no prefix', { headers: { ...withoutId, 'x-hub-signature-256': signature.slice(7) } }],
    [
      'a truncated signature',
      { headers: { ...request().headers, 'x-hub-signature-256': signature.slice(0, -1) } },
    ],
    ['an empty signature', { headers: { ...request().headers, 'x-hub-signature-256': 'sha256=' } }],
    ['a longer signature', { headers: { ...request().headers, 'x-hub-signature-256': `${signature}0` } }],
    ['a signature that came twice', { repeated: ['x-hub-signature-256'] }],
  ])('refuses %s', (_, change) => {
    expect(verdict(change)).toMatchObject({ verified: false })
  })

  test('accepts each of the secrets it is given', () => {
    expect(verdict({ secrets: ['new secret', secret] })).toMatchObject({ verified: true })
  })

  test('reads other algorithms and encodings', () => {
    const signed = createHmac('sha512', secret).update(body).digest('base64')
    const scheme: SignedBodyScheme = { header: 'x-sign', algorithm: 'sha512', encoding: 'base64' }
    expect(verdict({ headers: { 'x-sign': signed } }, scheme)).toMatchObject({ verified: true })
    expect(verdict({ headers: { 'x-sign': signature } }, scheme)).toMatchObject({ verified: false })
  })

  const idOf = (change?: Partial<WebhookRequest>) => {
    const answer = verdict(change)
    return answer.verified ? answer.messageId : undefined
  }

  test('takes equal bytes for one message, whatever id a header gives them', () => {
    expect(idOf()).toMatch(/^[\da-f]{64}$/)
    for (const id of ['another', '', undefined]) {
      const headers = { ...withoutId, ...(id === undefined ? {} : { 'x-github-delivery': id }) }
      expect(idOf({ headers })).toBe(idOf())
    }
  })

  test.each([
    ['upper case', signature.replace(/=.*/, (hex) => hex.toUpperCase())],
    ['an upper-case prefix', signature.replace('sha256', 'SHA256')],
    ['blanks after the prefix and at the end', `${signature.replace('=', '= ')} `],
  ])('accepts %s', (_, given) => {
    expect(verdict({ headers: { 'x-hub-signature-256': given } })).toMatchObject({ verified: true })
  })

  test('accepts Base64 in both alphabets, with and without padding', () => {
    // Its signature holds both letters in which the alphabets differ.
    const bodies = Array.from({ length: 200 }, (_, index) => Buffer.from(`message ${index}`))
    const signatureOf = (bytes: Buffer) => createHmac('sha256', secret).update(bytes).digest('base64')
    const bytes = bodies.find((one) => /\+.*\/|\/.*\+/.test(signatureOf(one))) ?? body
    const right = signatureOf(bytes)
    const scheme: SignedBodyScheme = { header: 'x-sign', encoding: 'base64' }
    const url = right.replaceAll('+', '-').replaceAll('/', '_')
    for (const given of [right, right.replace('=', ''), url, url.replace('=', '')]) {
      expect(verdict({ body: bytes, headers: { 'x-sign': given } }, scheme)).toMatchObject({ verified: true })
    }
    for (const given of [right.slice(1), `A${right}`, `${right}!`, right.toLowerCase(), '=']) {
      expect(verdict({ body: bytes, headers: { 'x-sign': given } }, scheme)).toMatchObject({
        verified: false,
      })
    }
  })

  test('signs bytes, not the text they decode to', () => {
    const [one, other] = [Buffer.from([0x7b, 0xff]), Buffer.from([0x7b, 0xfe])]
    const of = (bytes: Buffer) => `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`
    const headers = { 'x-hub-signature-256': of(one), 'x-github-delivery': '1' }
    expect(verdict({ headers, body: one })).toMatchObject({ verified: true })
    expect(verdict({ headers, body: other })).toMatchObject({ verified: false })
  })
})
