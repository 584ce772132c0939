import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import { pageConnector } from '../crash/page-connector.ts'

/** Works until it is killed, and tells its parent every event. */
const [connectionString = ''] = process.argv.slice(2)
const store = await openPostgresStore({ connectionString })
const syncline = createSyncline({
  store,
  connectorTypes: [pageConnector],
  limits: { leaseMs: 2_000, recoveryPollMs: 500, reconcileMs: 500, maxStaggerMs: 0 },
  onEvent: (event) => process.send?.(event),
})
await syncline.start()
