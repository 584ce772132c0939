import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, defineConnector } from '@syncline/core'
import { z } from 'zod'
import type { OpenWork } from '../processes/work.ts'
import { people } from '../upstream/prepared-connector.ts'
import { recordsFrom } from '../upstream/upstream-state.ts'
import { elapsedMs } from './stopwatch.ts'
import { requireSuccess, warmUp } from './syncline-pass.ts'

const inputSchema = z.object({
  url: z.string(),
  warmUpUrl: z.string(),
  warmUpRecords: z.number(),
  records: z.number(),
})

/** How long the event loop was blocked at most while the page was synced, and how long parsing its JSON takes. */
export const bigPageFacts = z.object({
  added: z.number(),
  bytes: z.number(),
  blockedMs: z.number(),
  parseMs: z.number(),
})

/** All records in one page: made before the clock starts. */
export const open: OpenWork = async (input) => {
  const { url, warmUpUrl, warmUpRecords, records } = inputSchema.parse(input)
  const resources = recordsFrom({ records, steps: [] }, 0, records)
  const text = JSON.stringify(resources)
  const store = await openPostgresStore({ connectionString: url, migrate: true })
  const onePage = defineConnector({
    type: 'one-page',
    displayName: 'One page',
    configSchema: z.object({}),
    resourceTypes: { user: { list: async () => ({ success: true, payload: { resources } }) } },
  })
  const syncline = createSyncline({ store, connectorTypes: [onePage] })
  await syncline.connectors.save({ connectorId: people.connectorId, type: onePage.type })
  let added = 0
  const delay = monitorEventLoopDelay({ resolution: 1 })
  return {
    warmUp: () => warmUp(warmUpUrl, warmUpRecords),
    async run() {
      delay.enable()
      added = requireSuccess(await syncline.sync(people)).stats.added
      delay.disable()
    },
    facts: async () => ({
      added,
      bytes: Buffer.byteLength(text),
      blockedMs: delay.max / 1e6,
      parseMs: await elapsedMs(() => JSON.parse(text)),
    }),
    close: () => store.close(),
  }
}
