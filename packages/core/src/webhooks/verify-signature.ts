import { createHmac, timingSafeEqual } from 'node:crypto'
import type { WebhookRequest, WebhookVerdict } from '../ports/connector.ts'
import { standardKey } from './webhook-secret.ts'

/** How far a sender's clock may be off, and how late or early a message may be, in seconds (Standard Webhooks). */
const toleranceSeconds = 300
/** Each one costs a comparison: a sender that rotates sends two. */
const mostSignatures = 16
const visibleText = /^[\x21-\x7e]{1,255}$/
const plainDigits = /^\d{1,12}$/

/** Whether a text may stand for a message. */
export const isMessageId = (text: unknown): text is string =>
  typeof text === 'string' && visibleText.test(text)

/**
 * Verifies a webhook by the Standard Webhooks scheme, version 1: `webhook-signature` holds `v1,` and the Base64 of
 * HMAC-SHA256 over `webhook-id`, `webhook-timestamp` and the bytes of the body, joined by dots. Pure.
 */
export function verifySignature(request: WebhookRequest): WebhookVerdict {
  const { headers, repeated, body, secrets, receivedAt } = request
  const refuse = (reason: string): WebhookVerdict => ({ verified: false, reason })
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
  if (names.some((name) => repeated.includes(name))) return refuse('a header came more than once')
  const [messageId, sentAt, signatures] = names.map((name) => headers[name])
  if (!messageId || !sentAt || !signatures) return refuse('a header is missing')
  if (!isMessageId(messageId)) return refuse('webhook-id is not 1 to 255 visible characters')
  // Number() and parseInt() would also take "12.9", "+12", "1e9" or "12abc".
  if (!plainDigits.test(sentAt)) return refuse('webhook-timestamp is not plain digits')
  const age = Math.floor(receivedAt.getTime() / 1_000) - Number(sentAt)
  if (Math.abs(age) > toleranceSeconds) return refuse('webhook-timestamp is too far from now')
  const given = signaturesIn(signatures)
  if (given.length === 0) return refuse('webhook-signature holds no v1 signature')
  const signed = [Buffer.from(`${messageId}.${sentAt}.`), body]
  const keys = secrets.map(standardKey).filter((key) => key !== undefined)
  const good = keys.some((key) => given.some((signature) => isEqual(signature, signatureOf(key, signed))))
  return good ? { verified: true, messageId } : refuse('no signature is right')
}

/** The first sixteen, of which those of version 1. A second comma is two headers that someone has joined. */
function signaturesIn(header: string): readonly string[] {
  const given = header.split(' ', mostSignatures)
  if (given.some((signature) => signature.split(',', 3).length > 2)) return []
  return given.filter((signature) => signature.startsWith('v1,')).map((signature) => signature.slice(3))
}

function signatureOf(key: Buffer, signed: readonly Uint8Array[]): string {
  const hmac = createHmac('sha256', key)
  for (const part of signed) hmac.update(part)
  return hmac.digest('base64')
}

/** In a time that says nothing of where two texts differ; `timingSafeEqual` throws for unequal lengths. */
function isEqual(given: string, right: string): boolean {
  const [left, expected] = [Buffer.from(given), Buffer.from(right)]
  return left.length === expected.length && timingSafeEqual(left, expected)
}
