import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { WebhookRequest, WebhookVerdict } from '@syncline/core'

/** How a vendor signs the body of its webhooks. */
export interface SignedBodyScheme {
  /** The header with the signature. */
  readonly header: string
  /** What stands before the signature: `sha256=`. @default nothing */
  readonly prefix?: string | undefined
  /** @default 'sha256' */
  readonly algorithm?: 'sha256' | 'sha384' | 'sha512' | undefined
  /** @default 'hex' */
  readonly encoding?: 'hex' | 'base64' | undefined
}

/**
 * Verifies webhooks whose HMAC is over the bytes of the body and nothing else, such as GitHub's. Give it to a connector
 * type as `verifyWebhook`.
 *
 * Such a scheme signs neither a time nor an id, so equal bytes are one message: whoever has captured one cannot have it
 * applied again under another id, as long as Syncline remembers it (`retention.webhooks`). A vendor that sends the same
 * bytes for two events has the second one taken for a repeat, too.
 *
 * ```ts
 * verifyWebhook: signedBody({ header: 'x-hub-signature-256', prefix: 'sha256=' })
 * ```
 */
export function signedBody(scheme: SignedBodyScheme): (request: WebhookRequest) => WebhookVerdict {
  const { prefix = '', algorithm = 'sha256', encoding = 'hex' } = scheme
  const header = scheme.header.toLowerCase()
  return ({ headers, repeated, body, secrets }) => {
    if (repeated.includes(header)) return { verified: false, reason: `${header} came more than once` }
    const given = signatureIn(headers[header], prefix)
    if (given === undefined) return { verified: false, reason: `${header} holds no signature` }
    const signature = decodeSignature(given, encoding)
    const isRight = (secret: string): boolean => {
      const right = createHmac(algorithm, secret).update(body).digest()
      // `timingSafeEqual` throws for unequal lengths.
      return right.length === signature?.length && timingSafeEqual(right, signature)
    }
    if (!secrets.some(isRight)) return { verified: false, reason: 'the signature is wrong' }
    // An id in a header is not signed: it proves nothing.
    return { verified: true, messageId: createHash('sha256').update(body).digest('hex') }
  }
}

/** The case of the prefix means nothing, nor do blanks around the signature. */
function signatureIn(header: string | undefined, prefix: string): string | undefined {
  const text = header?.trim() ?? ''
  if (text.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase()) return undefined
  return text.slice(prefix.length).trim() || undefined
}

/** The bytes of a signature: hex in any case, Base64 in either alphabet, with or without its padding. */
function decodeSignature(text: string, encoding: 'hex' | 'base64'): Buffer | undefined {
  // `Buffer.from` skips what it does not know.
  const form = encoding === 'hex' ? /^(?:[\da-f]{2}){1,128}$/i : /^[\w+/-]{2,256}={0,2}$/
  return form.test(text) ? Buffer.from(text, encoding) : undefined
}
