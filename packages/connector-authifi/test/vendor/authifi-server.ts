import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@syncline/core'
import { answerAdmin, notFound } from './admin-api.ts'
import { type Dialect, usualDialect } from './dialect.ts'
import type { Reply, Seen } from './exchange.ts'
import type { Tenant } from './tenant.ts'
import { createTokens, type Tokens } from './token-endpoint.ts'

export interface AuthifiServer {
  readonly url: string
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly tokens: Tokens
  readonly seen: readonly Seen[]
  /** Requests above the limits; each was answered 429. */
  readonly excess: () => number
  /** Asked before everything else: what it returns is the answer. */
  interfere: (request: Seen) => Reply | undefined
  close(): Promise<void>
}

/** Plays an instance of Authifi on a free port of this machine: tenants, tokens, limits, lists. */
export async function startAuthifi(options: {
  readonly clock: Clock
  readonly tenants: Readonly<Record<string, Tenant>>
  readonly dialect?: Partial<Dialect> | undefined
}): Promise<AuthifiServer> {
  const { clock } = options
  const dialect = { ...usualDialect, ...options.dialect }
  const tenants = new Map(Object.entries(options.tenants))
  const tokens = createTokens(clock, dialect)
  const seen: Seen[] = []
  let open = 0
  let excess = 0
  const http = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    open += 1
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://authifi')
      const request: Seen = {
        method: incoming.method ?? '',
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
        at: clock.now().getTime(),
      }
      seen.push(request)
      const lately = seen.filter(({ at }) => at > request.at - 1_000).length
      const isExcess = lately > dialect.perSecond || open > dialect.atOnce
      if (isExcess) excess += 1
      const tooFast: Reply = { status: 429, headers: { 'retry-after': '1' }, body: {} }
      const reply =
        server.interfere(request) ?? (isExcess ? tooFast : answer(request, { tenants, tokens, dialect }))
      const { status, headers = {}, body, text = JSON.stringify(body) } = reply
      response.sendDate = false
      open -= 1
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const server: AuthifiServer = {
    url: `http://127.0.0.1:${port}`,
    tenants,
    tokens,
    seen,
    excess: () => excess,
    interfere: () => undefined,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
  return server
}

function answer(
  request: Seen,
  parts: {
    readonly tenants: ReadonlyMap<string, Tenant>
    readonly tokens: Tokens
    readonly dialect: Dialect
  },
): Reply {
  const { tenants, tokens, dialect } = parts
  const [, kind, tenantId = '', rest = ''] =
    /^\/(_api\/auth|auth\/admin\/tenants)\/([^/]+)(\/.*)$/.exec(request.path) ?? []
  const tenant = tenants.get(tenantId)
  if (kind === '_api/auth') {
    return tenant && rest === '/oidc/token' ? tokens.issue(request, tenantId) : notFound
  }
  if (request.path === '/auth/docs' && dialect.docs) {
    return { status: 200, headers: { 'content-type': dialect.docs.type }, text: dialect.docs.text }
  }
  if (!tenant) return notFound
  const scopes = tokens.scopesOf(request, tenantId)
  if (!scopes) return { status: 401, body: { error: { statusCode: 401, name: 'UnauthorizedError' } } }
  return answerAdmin({ path: rest, request, tenant, scopes, dialect })
}
