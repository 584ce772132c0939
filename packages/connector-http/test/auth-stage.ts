import { type Authenticator, bodyLink, httpConnector, type RatePolicy } from '@syncline/connector-http'
import { type Credential, createSyncline, type Run } from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { autoRateLimiter, fakeClock } from '@syncline/testing'
import { afterEach } from 'vitest'
import { z } from 'zod'
import { users } from './call.ts'
import { type SeenRequest, serve, type TestServer } from './serve.ts'

/** Servers of the test that runs: they close with it. */
export const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

export interface AuthStage {
  readonly server: TestServer
  readonly sync: () => Promise<Run>
  readonly save: (values: Readonly<Record<string, string>>) => Promise<unknown>
  readonly stored: () => Promise<Credential | undefined>
  readonly clock: ReturnType<typeof fakeClock>
  readonly events: string[]
}

export interface AuthStageOptions {
  readonly authenticator: Authenticator
  readonly values: Readonly<Record<string, string>>
  /** Whether a page request proves who asks. */
  readonly accepts: (request: SeenRequest) => boolean
  /** @default none */
  readonly rateLimits?: readonly RatePolicy[] | undefined
  /** Answers any path but `/users`. */
  readonly token?: (
    request: SeenRequest,
  ) => { readonly status: number; readonly body: unknown } | Promise<never>
}

/** A connector with that authenticator, run by the real engine with a real credential store. */
export async function authStage({
  authenticator,
  values,
  accepts,
  token,
  rateLimits,
}: AuthStageOptions): Promise<AuthStage> {
  const clock = fakeClock({ auto: true })
  const server = await serve(async (request, response) => {
    const { pathname } = request.url
    if (pathname !== '/users') {
      const answer = (await token?.(request)) ?? { status: 404, body: {} }
      response.statusCode = answer.status
      return answer.body
    }
    response.statusCode = accepts(request) ? 200 : 401
    return { items: users(2), next: null }
  })
  servers.push(server)
  const connector = httpConnector({
    type: 'vendor',
    displayName: 'Vendor',
    configSchema: z.object({ baseUrl: z.string() }),
    baseUrl: ({ baseUrl }) => baseUrl,
    authenticator,
    rateLimits,
    streams: {
      user: {
        request: { path: '/users' },
        records: 'items',
        paginator: bodyLink({ from: 'next' }),
        record: { externalId: 'id', displayName: 'name' },
      },
    },
  })
  const events: string[] = []
  const store = memoryCredentialStore({ clock })
  const syncline = createSyncline({
    store: memoryStore({ clock }),
    clock,
    rateLimiter: autoRateLimiter(clock),
    credentials: store,
    connectorTypes: [connector],
    allowedNetworks: ['127.0.0.1'],
    onEvent: ({ kind }) => void events.push(kind),
  })
  await syncline.credentials.save({ ref: 'v', values })
  await syncline.connectors.save({
    connectorId: 'v',
    type: 'vendor',
    credentialRef: 'v',
    config: { baseUrl: server.url },
  })
  return {
    server,
    clock,
    events,
    sync: () => syncline.sync({ connectorId: 'v', resourceType: 'user' }),
    // As another process would: this one may still have the old one in its cache.
    save: (saved) => store.put({ tenantId: 'default', ref: 'v' }, { values: saved }),
    stored: () => store.read({ tenantId: 'default', ref: 'v' }),
  }
}

/** Paths of the requests so far. */
export const pathsOf = ({ server }: AuthStage): string[] => server.seen.map(({ url }) => url.pathname)
