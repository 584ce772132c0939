import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import { pageConnector } from '../crash/page-connector.ts'

/** Works until it is told to stop; then says how long that took, and leaves it to Node to end the process. */
const [connectionString = ''] = process.argv.slice(2)
const store = await openPostgresStore({ connectionString })
const syncline = createSyncline({
  store,
  connectorTypes: [pageConnector],
  limits: { maxStaggerMs: 0 },
  onEvent: ({ kind }) => process.send?.({ event: kind }),
})
const uncaught: string[] = []
process.on('uncaughtException', (error) => uncaught.push(String(error)))
process.on('unhandledRejection', (error) => uncaught.push(String(error)))
process.once('message', async () => {
  const since = performance.now()
  await syncline.stop()
  const stopMs = performance.now() - since
  await store.close()
  process.send?.({ stopMs, closeMs: performance.now() - since - stopMs, uncaught })
  process.disconnect()
})
await syncline.start()
