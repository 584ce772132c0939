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
  /**
   * A header with the message's id. Schemes of this kind do not sign it: whoever has got hold of a message can send it
   * again under another one. @default a digest of the body, so that equal bytes are always one message
   */
  readonly messageId?: string | undefined
}

/**
 * Verifies webhooks whose HMAC is over the bytes of the body and nothing else, such as GitHub's. Give it to a connector
 * type as `verifyWebhook`. Such a scheme signs no time: a message that was forgotten (`retention.webhooks`) could be
 * sent once more, so vendors that sign one are better verified with it.
 *
 * ```ts
 * verifyWebhook: signedBody({ header: 'x-hub-signature-256', prefix: 'sha256=', messageId: 'x-github-delivery' })
 * ```
 */
export function signedBody(scheme: SignedBodyScheme): (request: WebhookRequest) => WebhookVerdict {
  const { prefix = '', algorithm = 'sha256', encoding = 'hex' } = scheme
  const header = scheme.header.toLowerCase()
  const idHeader = scheme.messageId?.toLowerCase()
  return ({ headers, repeated, body, secrets }) => {
    if ([header, idHeader].some((name) => name !== undefined && repeated.includes(name))) {
      return { verified: false, reason: 'a header came more than once' }
    }
    const given = headers[header]
    if (!given?.startsWith(prefix)) return { verified: false, reason: `${header} holds no signature` }
    const signature = Buffer.from(given.slice(prefix.length))
    const isRight = (secret: string): boolean => {
      const right = Buffer.from(createHmac(algorithm, secret).update(body).digest(encoding))
      // `timingSafeEqual` throws for unequal lengths.
      return right.length === signature.length && timingSafeEqual(right, signature)
    }
    if (!secrets.some(isRight)) return { verified: false, reason: 'the signature is wrong' }
    const messageId =
      idHeader === undefined ? createHash('sha256').update(body).digest('hex') : headers[idHeader]
    if (messageId === undefined) return { verified: false, reason: `${idHeader} is missing` }
    return { verified: true, messageId }
  }
}
