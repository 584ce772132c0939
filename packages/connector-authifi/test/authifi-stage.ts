import { authifi } from '@syncline/connector-authifi'
import { createSyncline, type LimitsInput, type Run, type Syncline } from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { autoRateLimiter, type FakeClock, fakeClock } from '@syncline/testing'
import { afterEach } from 'vitest'
import { type AuthifiServer, startAuthifi } from './vendor/authifi-server.ts'
import type { Dialect } from './vendor/dialect.ts'
import { createTenant, type Tenant } from './vendor/tenant.ts'
import { client } from './vendor/token-endpoint.ts'

type ResourceType = 'user' | 'group' | 'role'

/** A Syncline whose connector `acme` lists the tenant `acme` of an instance on this machine. */
export interface AuthifiStage {
  readonly server: AuthifiServer
  readonly tenant: Tenant
  readonly syncline: Syncline
  readonly clock: FakeClock
  /** Lines of log, as `level message`. */
  readonly log: readonly string[]
  sync(resourceType?: ResourceType, mode?: 'full' | 'incremental'): Promise<Run>
  /** Saves a connector of this tenant and its credential. */
  connect(tenantId: string, config?: Readonly<Record<string, unknown>>): Promise<void>
  /** What is held of a type by external id, live rows only. */
  held(resourceType: ResourceType, connectorId?: string): Promise<Record<string, unknown>>
}

interface StageOptions {
  readonly tenants?: Readonly<Record<string, Tenant>>
  readonly dialect?: Partial<Dialect>
  readonly config?: Readonly<Record<string, unknown>>
  readonly limits?: LimitsInput
  /** @default 100 */
  readonly pageSize?: number
}

const servers: AuthifiServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

export async function setAuthifiStage(options: StageOptions = {}): Promise<AuthifiStage> {
  const { dialect, config, limits, pageSize = 100 } = options
  const { tenants = { acme: createTenant({ users: 9, groups: 3, roles: 2 }) } } = options
  const clock = fakeClock({ auto: true })
  const server = await startAuthifi({ clock, tenants, dialect })
  servers.push(server)
  const store = memoryStore({ clock })
  const log: string[] = []
  const line = (level: string) => (_: object, message: string) => {
    // How fast a test runs is not what it looks at.
    if (!message.startsWith('waited')) log.push(`${level} ${message}`)
  }
  const syncline = createSyncline({
    store,
    clock,
    rateLimiter: autoRateLimiter(clock),
    credentials: memoryCredentialStore({ clock }),
    connectorTypes: [authifi],
    allowedNetworks: ['127.0.0.1'],
    logger: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    limits: { overlapMs: 0, ...limits },
  })
  const connect: AuthifiStage['connect'] = async (tenantId, changes) => {
    await syncline.credentials.save({ ref: tenantId, values: client })
    await syncline.connectors.save({
      connectorId: tenantId,
      type: 'authifi',
      credentialRef: tenantId,
      config: { baseUrl: server.url, tenantId, ...changes },
    })
    for (const resourceType of ['user', 'group', 'role']) {
      await syncline.configs.save({ connectorId: tenantId, resourceType, pageSize })
    }
  }
  const [first = 'acme'] = Object.keys(tenants)
  await connect(first, config)
  return {
    server,
    tenant: tenants[first] ?? createTenant({ users: 0 }),
    syncline,
    clock,
    log,
    connect,
    sync: (resourceType = 'user', mode) =>
      syncline.sync({ connectorId: first, resourceType, ...(mode && { mode }) }),
    async held(resourceType, connectorId = first) {
      const rows = await store.resources.find({ connectorId, resourceType, stale: false, limit: 100_000 })
      return Object.fromEntries(
        rows.map(({ externalId, displayName, email, attributes }) => [
          externalId,
          { displayName, email, attributes },
        ]),
      )
    },
  }
}

/** What should be held of a tenant: written here a second time, in as plain a way as there is. */
export function expected(tenant: Tenant, resourceType: ResourceType): Record<string, unknown> {
  const items = { user: tenant.users, group: tenant.groups, role: tenant.roles }[resourceType]
  return Object.fromEntries(
    [...items.values()].map(({ id, name, email = null, ...attributes }) => [
      String(id),
      { displayName: name, email, attributes },
    ]),
  )
}

/** Paths of the requests to lists, without what is above the tenant. */
export const listed = (
  { server }: Pick<AuthifiStage, 'server'>,
  path = '/users',
): readonly URLSearchParams[] =>
  server.seen.filter((request) => request.path.endsWith(path)).map(({ query }) => query)
