import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, isSyncError } from '@syncline/core'
import { pageConnector } from '../crash/page-connector.ts'

/** Syncs once per message and answers how it went. */
const [connectionString = '', connectorId = ''] = process.argv.slice(2)
const store = await openPostgresStore({ connectionString })
const syncline = createSyncline({ store, connectorTypes: [pageConnector] })

process.on('message', async () => {
  try {
    const run = await syncline.sync({ connectorId, resourceType: 'user' })
    process.send?.({ runId: run.runId, status: run.status })
  } catch (error) {
    process.send?.({ code: isSyncError(error) ? error.code : String(error) })
  }
})
process.send?.('ready')
