import { postgresProfileStore, postgresStore, postgresUserDirectory } from '@syncline/adapter-postgres'
import {
  createSyncline,
  defineConnector,
  type LocalUser,
  type ProfileStore,
  type Store,
  type SyncConfigInput,
  type Syncline,
  type SynclineOptions,
  type UpstreamRecord,
  type UserDirectory,
} from '@syncline/core'
import { memoryProfileStore, memoryStore, memoryUserDirectory } from '@syncline/core/memory'
import { type RecordingWorkflows, recordingWorkflows } from '@syncline/testing'
import pg from 'pg'
import { z } from 'zod'
import { migratedPglite } from '../../test-support/pglite-database.ts'
import { emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'

/** What a host gives to Syncline, over one kind of store. */
export interface PeopleHostParts {
  readonly store: Store
  readonly users: UserDirectory
  readonly profiles: ProfileStore
  readonly put: (users: readonly LocalUser[]) => Promise<void>
  /** Rows of the tenant in the host's tables, with the transaction that wrote each. Memory has none. */
  readonly rowsOf: (tenantId: string) => Promise<readonly unknown[]>
  readonly close: () => Promise<void>
}

async function inMemory(): Promise<PeopleHostParts> {
  const users = memoryUserDirectory()
  return {
    store: memoryStore(),
    users,
    profiles: memoryProfileStore(),
    async put(given) {
      for (const user of given) users.put(user)
    },
    rowsOf: async () => [],
    async close() {},
  }
}

type Query = (text: string, values: unknown[]) => Promise<readonly unknown[]>

const putUsers = `insert into syncline.local_user (id, tenant_id, email, sub, upstream_id, upstream_issuer, status)
  select "userId", "tenantId", email, sub, "upstreamId", "upstreamIssuer", status
  from json_to_recordset($1::json) as given("userId" text, "tenantId" text, email text, sub text, "upstreamId" text,
    "upstreamIssuer" text, status text)`

const rowsOfTenant = `select xmin::text, u::text as row from syncline.local_user u where tenant_id = $1
  union all select xmin::text, p::text from syncline.user_profile p where tenant_id = $1
  union all select xmin::text, a::text from syncline.user_action a where tenant_id = $1 order by 2`

const inTables = (
  connection: Parameters<typeof postgresStore>[0],
  query: Query,
  end: () => Promise<void>,
): PeopleHostParts => {
  const store = postgresStore(connection)
  const users = postgresUserDirectory(connection)
  const profiles = postgresProfileStore(connection)
  return {
    store,
    users,
    profiles,
    async put(given) {
      await query(putUsers, [JSON.stringify(given.map((user) => ({ tenantId: 'default', ...user })))])
    },
    rowsOf: (tenantId) => query(rowsOfTenant, [tenantId]),
    async close() {
      for (const part of [store, users, profiles]) await part.close()
      await end()
    },
  }
}

async function onPglite(): Promise<PeopleHostParts> {
  const pglite = await migratedPglite()
  return inTables(
    { pglite },
    async (text, values) => (await pglite.query(text, values)).rows,
    () => pglite.close(),
  )
}

async function onServer(): Promise<PeopleHostParts> {
  const database = await emptyServerDatabase({ migrated: true })
  const pool = new pg.Pool({ connectionString: database.url, max: 6 })
  return inTables(
    { pool },
    async (text, values) => (await pool.query(text, values)).rows,
    async () => {
      await pool.end()
      await database.drop()
    },
  )
}

/** Name, how to open it, and whether it can be opened here. */
export const peopleHosts = () =>
  [
    ['memory', inMemory, true],
    ['PGlite', onPglite, true],
    ['a PostgreSQL server', onServer, serverIsAvailable()],
  ] as const

/** A host with connectors whose listings can be changed. */
export interface PeopleWorld {
  readonly host: PeopleHostParts
  readonly syncline: Syncline
  readonly workflows: RecordingWorkflows
  /** By connector id. */
  readonly listed: Map<string, readonly UpstreamRecord[]>
  /** Saves a connector without a guard, listing these. */
  add(
    connector: { readonly connectorId: string; readonly tenantId?: string },
    settings: Partial<SyncConfigInput>,
    records: readonly UpstreamRecord[],
  ): Promise<void>
  /** Lists the connector in full; post-sync follows, unless it is manual. */
  sync(connectorId: string, records?: readonly UpstreamRecord[]): Promise<void>
  readonly close: () => Promise<void>
}

export async function openWorld(
  open: () => Promise<PeopleHostParts>,
  options: (host: PeopleHostParts) => Partial<SynclineOptions> = () => ({}),
): Promise<PeopleWorld> {
  const host = await open()
  const { store, users, profiles } = host
  const listed = new Map<string, readonly UpstreamRecord[]>()
  const type = defineConnector({
    type: 'acme',
    displayName: 'Acme',
    configSchema: z.object({}),
    resourceTypes: {
      user: {
        list: async (_request, { connectorId }) => ({
          success: true,
          payload: { resources: listed.get(connectorId) ?? [] },
        }),
      },
    },
  })
  const workflows = recordingWorkflows()
  const syncline = createSyncline({
    connectorTypes: [type],
    store,
    users,
    profiles,
    workflows,
    ...options(host),
  })
  return {
    host,
    syncline,
    workflows,
    listed,
    async add({ connectorId, tenantId }, settings, records) {
      listed.set(connectorId, records)
      await syncline.connectors.save({ connectorId, tenantId, type: 'acme' })
      const guards = { removalGuard: null, deactivationGuard: null }
      await syncline.configs.save({ connectorId, resourceType: 'user', ...guards, ...settings })
    },
    async sync(connectorId, records) {
      if (records) listed.set(connectorId, records)
      await syncline.sync({ connectorId, resourceType: 'user', mode: 'full', restart: true })
    },
    async close() {
      await syncline.stop()
      await host.close()
    },
  }
}
