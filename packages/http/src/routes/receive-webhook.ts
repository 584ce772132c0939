import { isSyncError, SyncError } from '@syncline/core'
import { z } from 'zod'
import { defineRoute } from '../define-route.ts'
import { connectorId } from '../schemas/ids.ts'

/** 256 KiB. */
const maxBodyBytes = 262_144

const receivedDocument = z
  .object({
    status: z.enum(['applied', 'unchanged', 'outdated', 'excluded', 'repeated', 'forwarded']),
    messageId: z.string(),
  })
  .meta({ id: 'WebhookReceived', description: 'What became of the event. It is committed.' })

export const receiveWebhook = defineRoute({
  name: 'receiveWebhook',
  method: 'POST',
  path: '/webhooks/:connectorId',
  permission: 'signature',
  summary: 'Take in an event of upstream',
  description:
    "Signed over the raw body: the Standard Webhooks scheme, or the connector type's own. 200 means committed; a sender tries again after anything else but 400, 401 and 413.",
  params: z.strictObject({ connectorId }),
  maxBodyBytes,
  problems: ['WEBHOOK_UNVERIFIED', 'WEBHOOK_TOO_LARGE'],
  replies: { 200: { description: 'Taken in, now or before', body: receivedDocument } },
  async handle({ syncline, rawBody, rawHeaders }, { params }) {
    try {
      const { status, messageId } = await syncline.webhooks.receive({
        connectorId: params.connectorId,
        headers: rawHeaders,
        body: rawBody,
      })
      return { status: 200, body: { status, messageId } }
    } catch (error) {
      throw isSyncError(error, ...final) ? error : later(error)
    }
  },
})

/** What stays as it is however often it is sent, and what says by itself when to come back. */
const final = [
  'WEBHOOK_UNVERIFIED',
  'WEBHOOK_INVALID',
  'WEBHOOK_TOO_LARGE',
  'WEBHOOK_CONTENDED',
  'WEBHOOK_HANDLER_FAILED',
  'STORE_UNAVAILABLE',
  'STOPPED',
] as const

/** A paused connector or a silent upstream will do better later: the sender is told so, and no more than that. */
function later(error: unknown): unknown {
  if (!isSyncError(error)) return error
  const { retryAfterMs } = error
  return new SyncError('STOPPED', 'Webhooks of this connector cannot be taken in now', {
    cause: error,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}
