import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import pg from 'pg'
import { z } from 'zod'
import type { OpenWork } from '../processes/work.ts'
import { checkpoint } from '../server/checkpoint.ts'
import { people, preparedConnector } from '../upstream/prepared-connector.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import { pageSize } from './pass-input.ts'
import { elapsedMs } from './stopwatch.ts'
import { requireSuccess } from './syncline-pass.ts'

const inputSchema = z.object({ url: z.string(), records: z.number(), table: z.string() })

/** What each end of a pass took, in milliseconds, and what it did. */
export const sweepFacts = z.object({
  staled: z.number(),
  removed: z.number(),
  markMs: z.number(),
  purgeMs: z.number(),
  idleMs: z.number(),
  countMs: z.number(),
})

/**
 * Three passes over a loaded database: 1 % is gone; it has been gone for long; nothing is left to do. Measured is the
 * end of each: from its last committed page until the run is over.
 */
export const open: OpenWork = async (input) => {
  const { url, records, table } = inputSchema.parse(input)
  const store = await openPostgresStore({ connectionString: url })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const state: UpstreamState = { records, steps: ['hundredth-gone'] }
  let lastPage = 0
  const syncline = createSyncline({
    store,
    connectorTypes: [preparedConnector(() => state)],
    onEvent: ({ kind }) => {
      if (kind === 'run.progress') lastPage = performance.now()
    },
  })
  await syncline.configs.save({ ...people, pageSize })
  const pass = async () => {
    await checkpoint(client)
    const { stats } = requireSuccess(await syncline.sync(people))
    return { endMs: performance.now() - lastPage, stats }
  }
  let facts: z.infer<typeof sweepFacts> | undefined
  return {
    async warmUp() {},
    async run() {
      const mark = await pass()
      await client.query(
        `update ${table} set stale_since = stale_since - interval '30 days' where stale_since is not null`,
      )
      const purge = await pass()
      const idle = await pass()
      facts = {
        staled: mark.stats.staled,
        removed: purge.stats.removed,
        markMs: mark.endMs,
        purgeMs: purge.endMs,
        idleMs: idle.endMs,
        countMs: await elapsedMs(() => client.query(`select count(*) from ${table}`)),
      }
    },
    facts: async () => ({ ...facts }),
    async close() {
      await client.end()
      await store.close()
    },
  }
}
