import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { Syncline } from '@syncline/core'
import { openApiDocument } from '@syncline/http'
import { respondToFrameworkError, synclineHttp } from '@syncline/http-fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'
import type { HostAuth } from './host-auth.ts'

interface Parts {
  readonly syncline: Syncline
  readonly auth: HostAuth
  readonly redis: Redis | undefined
}

/** The host's server: the API below `/api`, its document and a page of it, and whatever else the host serves. */
export async function createApp({ syncline, auth, redis }: Parts): Promise<FastifyInstance> {
  const app = Fastify({
    // A body that is sent slower than this ends with 408.
    requestTimeout: 30_000,
    http: { headersTimeout: 15_000 },
    frameworkErrors: respondToFrameworkError,
  })
  await app.register(swagger, {
    mode: 'static',
    // The plugin's types know OpenAPI by a library of their own.
    specification: { document: JSON.parse(JSON.stringify(openApiDocument({ title: 'Example host' }))) },
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  await app.register(synclineHttp, {
    syncline,
    authorize: auth.authorize,
    openApi: { title: 'Example host' },
    ...(redis && { rateLimit: { redis } }),
  })
  app.get('/healthz', async () => ({ ok: true }))
  return app
}
