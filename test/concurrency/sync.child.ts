import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, isSyncError } from '@syncline/core'
import { pageConnector } from '../crash/page-connector.ts'
import { monotonicMs } from './monotonic-ms.ts'

/** Syncs once per message and answers when it began and how it went. */
const [connectionString = '', connectorId = ''] = process.argv.slice(2)
const store = await openPostgresStore({ connectionString })
const syncline = createSyncline({ store, connectorTypes: [pageConnector] })

process.on('message', async () => {
  const beganAt = monotonicMs()
  const outcome = await syncline.sync({ connectorId, resourceType: 'user' }).then(
    ({ status }) => status,
    (error: unknown) => (isSyncError(error) ? error.code : String(error)),
  )
  process.send?.({ beganAt, outcome })
})
process.send?.('ready')
