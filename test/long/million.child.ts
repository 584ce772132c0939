import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, defineConnector } from '@syncline/core'
import { z } from 'zod'

/** Syncs generated records twice and reports memory and pace as it goes; a process of its own, so that both are its own. */
const [connectionString = '', records = '1000000'] = process.argv.slice(2)
const total = Number(records)

const user = (id: number) => ({
  externalId: `u${id.toString(36).padStart(6, '0')}`,
  displayName: `Person ${id}`,
  email: id % 50 === 0 ? null : `person.${id}@corp-${id % 37}.example`,
  attributes: {
    employeeNumber: 100_000 + id,
    department: `department-${id % 40}`,
    title: 'Senior Specialist',
    location: { country: 'DE', city: `city-${id % 90}`, remote: id % 2 === 0 },
    groups: ['everyone', `team-${id % 400}`, `role-${id % 40}`],
    manager: `u${Math.floor(id / 10).toString(36)}`,
  },
})

const generated = defineConnector({
  type: 'generated',
  displayName: 'Generated',
  configSchema: z.object({}),
  resourceTypes: {
    user: {
      async list({ cursor, pageSize }) {
        const start = cursor === undefined ? 0 : Number(cursor)
        const end = Math.min(start + pageSize, total)
        const resources = Array.from({ length: end - start }, (_, index) => user(start + index))
        return { success: true, payload: { resources, nextCursor: end < total ? String(end) : undefined } }
      },
    },
  },
})

const store = await openPostgresStore({ connectionString })
const samples: { rssMb: number; pageMs: number }[] = []
let last = performance.now()
const syncline = createSyncline({
  store,
  connectorTypes: [generated],
  onEvent(event) {
    if (event.kind !== 'run.progress') return
    const now = performance.now()
    samples.push({ rssMb: process.memoryUsage.rss() / 2 ** 20, pageMs: now - last })
    last = now
  },
})
const users = { connectorId: 'million', resourceType: 'user' }
await syncline.connectors.save({ connectorId: users.connectorId, type: 'generated' })
await syncline.configs.save({ ...users, pageSize: 1_000 })
for (const pass of ['first', 'unchanged']) {
  samples.length = 0
  last = performance.now()
  const began = last
  const run = await syncline.sync(users)
  const seconds = (performance.now() - began) / 1_000
  process.send?.({ pass, seconds, status: run.status, stats: run.stats, timings: run.timings, samples })
}
await store.close()
process.disconnect?.()
