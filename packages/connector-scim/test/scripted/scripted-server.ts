import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Item = Readonly<Record<string, unknown>> & { readonly id?: string }

/** A request as the server saw it. */
interface SeenRequest {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
}

export interface Reply {
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: unknown
}

/** How a scripted server behaves. Everything may be changed while it runs. */
export interface Script {
  /** What it holds, in the order it lists without `sortBy`. */
  users: Item[]
  groups: Item[]
  /** What `/ServiceProviderConfig` says; undefined: 404. */
  provides: unknown
  /** The most it gives in a page, whatever it is asked for. */
  cap: number
  /** Whether `sortBy` does anything. */
  sorts: boolean
  /** Called before each request is answered, which waits for it; what it returns is the answer. */
  onRequest: (request: SeenRequest, number: number) => Reply | undefined | void | Promise<void>
  /** Changes a good list answer. */
  rewrite: (answer: Record<string, unknown>, request: SeenRequest) => unknown
}

export interface ScriptedServer {
  readonly url: string
  readonly script: Script
  readonly seen: SeenRequest[]
  /** Requests of `/Users`. */
  lists(): readonly SeenRequest[]
  close(): Promise<void>
}

/** A SCIM server that answers as RFC 7644 says, except where a test has it do otherwise. */
export async function startScripted(script: Partial<Script> = {}): Promise<ScriptedServer> {
  const acting: Script = {
    users: [],
    groups: [],
    provides: {},
    cap: 1_000,
    sorts: false,
    onRequest: () => undefined,
    rewrite: (good) => good,
    ...script,
  }
  const seen: SeenRequest[] = []
  const server = createServer(async (incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://scripted')
    const request = {
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: incoming.headers,
    }
    seen.push(request)
    const {
      status = 200,
      headers = {},
      body,
    } = (await acting.onRequest(request, seen.length)) ?? answer(acting, request)
    response.writeHead(status, { 'content-type': 'application/scim+json', ...headers })
    response.end(body === undefined ? '' : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    script: acting,
    seen,
    lists: () => seen.filter(({ path }) => path === '/Users'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(script: Script, request: SeenRequest): Reply {
  const { path } = request
  if (path === '/ServiceProviderConfig') {
    return script.provides === undefined ? notFound : { body: script.provides }
  }
  const held = path.startsWith('/Users') ? script.users : script.groups
  const [, , id] = path.split('/')
  if (id !== undefined) {
    const found = held.find((item) => item.id === decodeURIComponent(id))
    return found ? { body: found } : notFound
  }
  return { body: script.rewrite(list(script, request, held), request) }
}

function list(script: Script, { query }: SeenRequest, held: readonly Item[]): Record<string, unknown> {
  const since = /meta\.lastModified ge "([^"]+)"/.exec(query.filter ?? '')?.[1]
  const matching = since === undefined ? held : held.filter((item) => String(lastModified(item)) >= since)
  const ordered =
    script.sorts && query.sortBy === 'id'
      ? matching.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
      : matching
  const byCursor = query.cursor !== undefined
  const start = byCursor ? Number(query.cursor || 0) : Math.max(1, Number(query.startIndex ?? 1)) - 1
  const end = start + Math.min(Number(query.count ?? 100), script.cap)
  const excluded = (query.excludedAttributes ?? '').split(',')
  const Resources = ordered.slice(start, end).map((item) => without(item, excluded))
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: ordered.length,
    itemsPerPage: Resources.length,
    ...(byCursor ? (end < ordered.length ? { nextCursor: String(end) } : {}) : { startIndex: start + 1 }),
    Resources,
  }
}

const lastModified = ({ meta }: Item): unknown =>
  (meta as { lastModified?: string } | undefined)?.lastModified

export const without = (
  object: Readonly<Record<string, unknown>>,
  excluded: readonly string[],
): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !excluded.includes(name)))

/** How SCIM says what is wrong. */
export const scimError = (status: number, scimType?: string, detail = 'because'): Reply => ({
  status,
  body: {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    scimType,
    detail,
  },
})

const notFound = scimError(404)

/** `u0001` … in this order. */
export const people = (count: number, first = 1): Item[] =>
  Array.from({ length: count }, (_, index) => person(`u${String(first + index).padStart(4, '0')}`))

export const person = (id: string, more: Readonly<Record<string, unknown>> = {}): Item => ({
  id,
  userName: `${id}@example.com`,
  active: true,
  ...more,
})
