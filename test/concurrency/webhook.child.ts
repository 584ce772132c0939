import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, isSyncError } from '@syncline/core'
import { memoryCredentialStore } from '@syncline/core/memory'
import { pageConnector } from '../crash/page-connector.ts'
import { type SentWebhook, webhookSecret } from './sign-webhook.ts'

/** Receives the webhooks it is sent and answers what became of them, and when. */
const [connectionString = '', connectorId = ''] = process.argv.slice(2)
const store = await openPostgresStore({ connectionString })
const credentials = memoryCredentialStore()
const syncline = createSyncline({ store, credentials, connectorTypes: [pageConnector] })
await syncline.webhooks.setSecret({ connectorId, secret: webhookSecret })

const now = (): number => performance.timeOrigin + performance.now()

process.on('message', async ({ body, ...webhook }: SentWebhook) => {
  const began = now()
  try {
    const { status } = await syncline.webhooks.receive({ ...webhook, body: Buffer.from(body) })
    process.send?.({ status, began, ended: now() })
  } catch (error) {
    process.send?.({ status: isSyncError(error) ? error.code : String(error), began, ended: now() })
  }
})
process.send?.('ready')
