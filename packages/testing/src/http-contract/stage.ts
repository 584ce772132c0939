import { createSyncline, type Store, type Syncline, type UpstreamRecord } from '@syncline/core'
import { type MemoryUserDirectory, memoryStore, memoryUserDirectory } from '@syncline/core/memory'
import { type ScriptedConnector, scriptedConnector } from '../scripted-connector.ts'
import { type Answer, type Call, callApi, type Method, request } from './call-api.ts'
import { createGate, type Gate, gatedConnector } from './gate.ts'
import type { ContractAuthorization, ContractServer, HttpContractSuite } from './suite.ts'

/** The connector of the cases, its neighbour of another tenant, and one that nobody has. */
export const own = 'acme'
export const foreign = 'globex'
export const unknown = 'initech'

/**
 * One host: connector `acme` of tenant `one`, connector `globex` of tenant `two`, both of users, groups and devices.
 * Callers are `reader` and `manager` of tenant `one`, `neighbour`, who manages tenant `two`, and `nobody`.
 */
export interface ContractStage {
  readonly syncline: Syncline
  readonly connector: ScriptedConnector
  readonly users: MemoryUserDirectory
  readonly server: ContractServer
  /** Listings wait here after their first page. */
  readonly gate: Gate
  /** Answers a request below `/connectors/acme`. */
  get(path: string, call?: Call): Promise<Answer>
  post(path: string, call?: Call): Promise<Answer>
  /** Answers a request below the API's base path. */
  call(method: Method, path: string, call?: Call): Promise<Answer>
  /** The same as a response that is read by the case. */
  open(path: string, call?: Call): Promise<Response>
  /** Upstream lists exactly these from now on, and a full sync of the connector is run. */
  sync(resourceType: string, records: readonly UpstreamRecord[], connectorId?: string): Promise<string>
  close(): Promise<void>
}

export const record = (externalId: string, change: Partial<UpstreamRecord> = {}): UpstreamRecord => ({
  externalId,
  displayName: `Name of ${externalId}`,
  email: `${externalId}@acme.example`,
  attributes: {},
  ...change,
})

const callers: Readonly<Record<string, { readonly tenantId: string; readonly may: readonly string[] }>> = {
  'Bearer reader': { tenantId: 'one', may: ['connector:read'] },
  'Bearer manager': { tenantId: 'one', may: ['connector:read', 'connector:manage'] },
  'Bearer neighbour': { tenantId: 'two', may: ['connector:read', 'connector:manage'] },
}

function authorize(authorization: string | undefined, permission: string): ContractAuthorization {
  const caller = callers[authorization ?? '']
  if (!caller) return 'unauthenticated'
  if (!caller.may.includes(permission)) return 'forbidden'
  return { id: `id of ${authorization?.slice('Bearer '.length)}`, tenantId: caller.tenantId }
}

export async function setStage(suite: HttpContractSuite): Promise<ContractStage> {
  const { store, close } = await (suite.createStore ?? inMemory)()
  const connector = scriptedConnector({
    resourceTypes: { user: { pages: [[]] }, group: { pages: [[]] }, device: { pages: [[]] } },
  })
  const users = memoryUserDirectory()
  const gate = createGate()
  const syncline = createSyncline({
    store,
    users,
    connectorTypes: [gatedConnector(connector, gate)],
    automaticPostSync: false,
    // An operator's wish to cancel reaches a run with its next renewal.
    limits: { leaseMs: 3_000 },
  })
  await syncline.connectors.save({ connectorId: own, tenantId: 'one', type: connector.type })
  await syncline.connectors.save({ connectorId: foreign, tenantId: 'two', type: connector.type })
  const server = closedOnce(await suite.serve({ syncline, authorize }))
  const call: ContractStage['call'] = (method, path, options = {}) =>
    callApi(server.baseUrl, [method, path], options)
  return {
    syncline,
    connector,
    users,
    gate,
    server,
    call,
    get: (path, options) => call('GET', `/connectors/${own}${path}`, options),
    post: (path, options) => call('POST', `/connectors/${own}${path}`, options),
    open: (path, options = {}) => request(server.baseUrl, ['GET', `/connectors/${own}${path}`], options),
    async sync(resourceType, records, connectorId = own) {
      connector.script(resourceType, [records])
      return (await syncline.sync({ connectorId, resourceType, mode: 'full', restart: true })).runId
    },
    async close() {
      await server.close()
      await syncline.stop()
      await close()
    },
  }
}

/** A case may close it before its end. */
function closedOnce(server: ContractServer): ContractServer {
  let closed: Promise<void> | undefined
  return { ...server, close: () => (closed ??= server.close()) }
}

async function inMemory(): Promise<{ readonly store: Store; readonly close: () => Promise<void> }> {
  const store = memoryStore()
  return { store, close: () => store.close() }
}
