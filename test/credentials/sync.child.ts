import { openPostgresStore, postgresCredentialStore } from '@syncline/adapter-postgres'
import { type CredentialStore, createSyncline } from '@syncline/core'
import pg from 'pg'
import { keys } from './keys.ts'
import { oauthConnector } from './oauth-connector.ts'

/**
 * Syncs once per message and answers how it went. With `die` it stops, new tokens in hand, before it saves them, says
 * so, and waits to be killed.
 */
const [connectionString = '', connectorId = '', mode] = process.argv.slice(2)
const store = await openPostgresStore({ connectionString })
const stored = postgresCredentialStore({ pool: new pg.Pool({ connectionString }), keys })
const credentials: CredentialStore =
  mode === 'die'
    ? {
        ...stored,
        completeRefresh() {
          process.send?.('in hand')
          return new Promise(() => {})
        },
      }
    : stored
const connector = oauthConnector(() => process.send?.('asking'))
const syncline = createSyncline({ store, credentials, connectorTypes: [connector] })

process.on('message', async () => {
  const run = await syncline.sync({ connectorId, resourceType: 'user' })
  process.send?.({ status: run.status, code: run.error?.code })
})
process.send?.('ready')
