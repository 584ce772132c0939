import { createHmac } from 'node:crypto'

/** What the children and the tests know. */
export const webhookSecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`

export interface SentWebhook {
  readonly connectorId: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A webhook as its sender sends it now. */
export function signWebhook(connectorId: string, id: string, event: object): SentWebhook {
  const time = Math.floor(Date.now() / 1_000)
  const body = JSON.stringify(event)
  const key = Buffer.from(webhookSecret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(time),
    'webhook-signature': `v1,${signature}`,
  }
  return { connectorId, headers, body }
}
