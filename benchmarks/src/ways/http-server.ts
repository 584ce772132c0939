import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import { memoryCredentialStore } from '@syncline/core/memory'
import { synclineHttp } from '@syncline/http-fastify'
import Fastify from 'fastify'
import { z } from 'zod'
import type { OpenWork } from '../processes/work.ts'
import { people, preparedConnector } from '../upstream/prepared-connector.ts'

const inputSchema = z.object({ url: z.string() })

/** Where it listens, and what its webhooks are signed with. */
export const serverFacts = z.object({ address: z.string(), secret: z.string() })

/** A host with the plugin, and beside it bare routes that run the query of a list. Listens until it is closed. */
export const open: OpenWork = async (input) => {
  const { url } = inputSchema.parse(input)
  const store = await openPostgresStore({ connectionString: url })
  const syncline = createSyncline({
    store,
    credentials: memoryCredentialStore(),
    connectorTypes: [preparedConnector(() => ({ records: 0, steps: [] }))],
  })
  const { secret } = await syncline.webhooks.setSecret({ connectorId: people.connectorId })
  const app = Fastify()
  await app.register(synclineHttp, {
    syncline,
    rateLimit: false,
    authorize: async () => ({ id: 'operator', tenantId: 'default' }),
  })
  app.get('/bare/resources', async () => syncline.resources.list({ ...people, page: 1, pageSize: 20 }))
  app.get('/looked-up/resources', async (_request, reply) => {
    const connector = await syncline.connectors.get(people.connectorId, { tenantId: 'default' })
    if (!connector) return reply.code(404).send()
    return syncline.resources.list({ ...people, page: 1, pageSize: 20 })
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    async warmUp() {},
    async run() {},
    facts: async () => ({ address, secret }),
    async close() {
      await app.close()
      await syncline.stop()
      await store.close()
    },
  }
}
