/** A stand-in for the vendor, on a free port of this machine. */
import { createServer, type IncomingMessage } from 'node:http'

interface Person {
  readonly id: number
  readonly login: string
  readonly name?: { readonly full: string }
  readonly mail: string
  readonly updated: string
}

export interface AcmeVendor {
  readonly url: string
  readonly people: Map<number, Person>
  close(): void
}

const person = (id: number, full: string, updated: string): Person => ({
  id,
  login: `p${id}`,
  name: { full },
  mail: `p${id}@acme.example`,
  updated,
})

export async function startAcmeVendor(): Promise<AcmeVendor> {
  const people = new Map<number, Person>()
  for (let id = 1; id <= 5; id++) people.set(id, person(id, `Person ${id}`, '2026-01-01T00:00:00.000Z'))
  const server = createServer((request, response) => {
    const { status, body } = answer(people, request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address) resolve(address.port)
    })
  })
  return {
    url: `http://127.0.0.1:${port}`,
    people,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function answer(
  people: ReadonlyMap<number, Person>,
  request: IncomingMessage,
): { status: number; body: unknown } {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://acme')
  if (pathname === '/oauth/token')
    return { status: 200, body: { access_token: 'acme-token', expires_in: 3600 } }
  if (request.headers.authorization !== 'Bearer acme-token') return { status: 401, body: {} }
  if (pathname === '/v2/teams')
    return { status: 200, body: { teams: [{ id: 'everyone', title: 'Everyone' }] } }
  const since = searchParams.get('updated_since') ?? ''
  const listed = [...people.values()].filter(({ updated }) => updated >= since)
  const from = Number(searchParams.get('cursor') ?? 0)
  const to = from + Number(searchParams.get('limit'))
  const page = { total: listed.length, next: to < listed.length ? String(to) : null }
  return { status: 200, body: { people: listed.slice(from, to), page } }
}
