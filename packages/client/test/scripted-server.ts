import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What came, and how it is answered. */
type Answerer = (request: IncomingMessage, response: ServerResponse) => void

export interface ScriptedServer {
  readonly baseUrl: string
  readonly requests: readonly IncomingMessage[]
}

/** Answers each request with the next one of these, and what comes after with the last. */
export async function scriptedServer(...answers: readonly Answerer[]): Promise<ScriptedServer> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    request.resume()
    const answer = answers[requests.length - 1] ?? answers.at(-1)
    answer?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, requests }
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answerer =>
  (_request, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
      .end(JSON.stringify(body))

export const problem = (
  status: number,
  members: { readonly code: string; readonly [member: string]: unknown },
  headers: Readonly<Record<string, string>> = {},
): Answerer =>
  json(
    status,
    { type: 'about:blank', title: 'x', status, detail: 'why', ...members },
    {
      'content-type': 'application/problem+json',
      'x-request-id': 'req-1',
      ...headers,
    },
  )

/** The connection ends without an answer. */
export const drop: Answerer = (request) => void request.socket.destroy()

/** A piece of an event stream; the connection stays. */
export const events =
  (text: string, then: (response: ServerResponse) => void = () => undefined): Answerer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(text, () => then(response))
  }
