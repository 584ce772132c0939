import type { Server } from 'node:http'
import { createSyncline, type Store, type Syncline, type SynclineOptions } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { type Authorize, everyTenant, type Principal } from '@syncline/http'
import { type ScriptedConnector, scriptedConnector } from '@syncline/testing'
import Fastify, { type FastifyHttpOptions, type FastifyInstance, type FastifyRequest } from 'fastify'
import { type SynclineHttpOptions, synclineHttp } from '../src/index.ts'
import { holdToDocument } from './hold-to-document.ts'

/** Who calls, by bearer token. The connector `acme` is of tenant a, `other` of tenant b. */
const tokens = {
  reader: { id: 'ruth', tenantId: 'a', may: ['connector:read'] },
  manager: { id: 'mona', tenantId: 'a', may: ['connector:read', 'connector:manage'] },
  nobody: { id: 'nils', tenantId: 'a', may: [] },
  elsewhere: { id: 'egon', tenantId: 'b', may: ['connector:read', 'connector:manage'] },
  operator: { id: 'olga', tenantId: everyTenant, may: ['connector:read', 'connector:manage'] },
} as const satisfies Record<string, Principal & { readonly may: readonly string[] }>

type Token = keyof typeof tokens

export const authorize: Authorize<FastifyRequest> = async (request, permission) => {
  const token = /^Bearer (\w+)$/.exec(request.headers.authorization ?? '')?.[1]
  const found = Object.entries(tokens).find(([name]) => name === token)?.[1]
  if (!found) return 'unauthenticated'
  const may: readonly string[] = found.may
  return may.includes(permission) ? { id: found.id, tenantId: found.tenantId } : 'forbidden'
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined when there is none. */
  readonly body: unknown
}

interface Call {
  /** @default 'manager' */
  readonly token?: Token | 'none' | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A text or bytes are sent as they are, everything else as JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

export interface ServedApi {
  readonly app: FastifyInstance
  readonly url: string
  readonly syncline: Syncline
  readonly connector: ScriptedConnector
  /** `call('GET /connectors/acme/sync-config')`: below the base path. */
  call(what: string, call?: Call): Promise<Answer>
  /** @throws when an answer was not as the OpenAPI document says */
  close(): Promise<void>
}

export interface ServeOptions {
  readonly store?: Store | undefined
  readonly syncline?: Partial<SynclineOptions> | undefined
  readonly plugin?: Partial<SynclineHttpOptions> | undefined
  readonly server?: FastifyHttpOptions<Server> | undefined
  /** Whether runs are carried out. @default true */
  readonly work?: boolean | undefined
  /** Before the plugin is registered. */
  readonly prepare?: ((app: FastifyInstance) => void | Promise<void>) | undefined
}

/** A running server with the API, over a memory store unless another is given. */
export async function serveApi(options: ServeOptions = {}): Promise<ServedApi> {
  const connector = scriptedConnector({
    type: 'scripted',
    resourceTypes: {
      user: { incremental: true, pages: [people('1', '2', '3')] },
      group: { pages: [people('g1')] },
    },
  })
  const syncline = createSyncline({
    store: options.store ?? memoryStore(),
    connectorTypes: [connector],
    ...options.syncline,
  })
  await syncline.connectors.save({ connectorId: 'acme', type: 'scripted', tenantId: 'a' })
  await syncline.connectors.save({ connectorId: 'other', type: 'scripted', tenantId: 'b' })
  if (options.work !== false) await syncline.start()
  const app = Fastify({ forceCloseConnections: true, ...options.server })
  const held = holdToDocument(app)
  await options.prepare?.(app)
  await app.register(synclineHttp, { syncline, authorize, ...options.plugin })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    app,
    url,
    syncline,
    connector,
    call: (what, call) => send(url, what, call),
    async close() {
      await app.close()
      await syncline.stop()
      held.verify()
    },
  }
}

export const people = (...ids: readonly string[]) =>
  ids.map((externalId) => ({
    externalId,
    displayName: `Person ${externalId}`,
    email: `${externalId}@acme.example`,
    attributes: {},
  }))

async function send(url: string, what: string, call: Call = {}): Promise<Answer> {
  const { token = 'manager', headers, body, signal } = call
  const [method = 'GET', path = ''] = what.split(' ')
  const plain = typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(`${url}/api${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== 'none' && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: plain ? (body as string) : JSON.stringify(body) }),
    ...(signal && { signal }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text ? JSON.parse(text) : undefined,
  }
}
