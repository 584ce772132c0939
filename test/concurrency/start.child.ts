import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type Syncline } from '@syncline/core'
import { pageConnector } from '../crash/page-connector.ts'
import { monotonicMs } from './monotonic-ms.ts'

/** A host that starts and stops when it is told to, and tells when it began to start and which runs it began. */
const [connectionString = ''] = process.argv.slice(2)
const store = await openPostgresStore({ connectionString })
let syncline: Syncline | undefined

process.on('message', async (message) => {
  if (message === 'start') {
    const beganAt = monotonicMs()
    syncline = createSyncline({
      store,
      connectorTypes: [pageConnector],
      onEvent: ({ kind }) => process.send?.({ kind }),
    })
    await syncline.start()
    process.send?.({ kind: 'up', beganAt })
  } else {
    await syncline?.stop()
    process.send?.({ kind: 'down' })
  }
})
process.send?.({ kind: 'ready' })
