import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An OAuth 2 token endpoint with rotating refresh tokens, and a list of users behind its access tokens. */
export interface TokenServer {
  readonly url: string
  /** Token requests so far. */
  readonly calls: number
  /** Token requests are answered only while the gate is open. */
  open(): void
  shut(): void
  close(): void
}

/** The first refresh token is `refresh-1`; each works once. Access tokens have expired when they are handed out. */
export async function tokenServer(): Promise<TokenServer> {
  let issued = 1
  let calls = 0
  let gate = Promise.withResolvers<void>()
  gate.resolve()

  const answerToken = async (body: string): Promise<readonly [number, object]> => {
    calls += 1
    await gate.promise
    if (new URLSearchParams(body).get('refresh_token') !== `refresh-${issued}`) {
      return [400, { error: 'invalid_grant' }]
    }
    issued += 1
    return [200, { access_token: `access-${issued}`, refresh_token: `refresh-${issued}`, expires_in: 0 }]
  }
  const answerUsers = (authorization: string | undefined): readonly [number, object] =>
    authorization === `Bearer access-${issued}`
      ? [200, [{ externalId: '1', displayName: 'One', attributes: {} }]]
      : [401, { error: 'invalid_token' }]

  const server = createServer(async (request, response) => {
    const chunks = await request.toArray()
    const body = Buffer.concat(chunks).toString()
    const [status, answer] =
      request.url === '/token' ? await answerToken(body) : answerUsers(request.headers.authorization)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls
    },
    open: () => gate.resolve(),
    shut() {
      gate = Promise.withResolvers<void>()
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
