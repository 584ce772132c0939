import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Directory } from './directory.ts'
import { createFaults, type Fault, type Faults } from './faults.ts'
import { startLoopbackServer } from './loopback-server.ts'
import { answerRequest } from './page-answer.ts'
import { decodeCursor } from './page-cursor.ts'
import { createDelays, type Delays, sendAnswer } from './send-answer.ts'
import type { OpenRequest, UpstreamRequest } from './upstream-request.ts'

export interface UpstreamOptions {
  readonly directory: Directory
  /** The bearer token clients must send. @default 'upstream-token' */
  readonly token?: string | undefined
  readonly faults?: readonly Fault[] | undefined
  /** Added before every answer. @default 0 */
  readonly latencyMs?: number | undefined
  /** The most entries of a page, whatever `limit` asks for. @default 1_000 */
  readonly pageSizeLimit?: number | undefined
}

/** A running upstream. */
export interface Upstream {
  /** `http://127.0.0.1:…` without a slash at the end. */
  readonly url: string
  readonly token: string
  readonly directory: Directory
  /** Every request received, in order; it grows. */
  readonly requests: readonly UpstreamRequest[]
  readonly faults: Faults
  /** Stops listening and ends every connection, also those in the middle of an answer. Repeatable. */
  close(): Promise<void>
}

interface Serving {
  readonly options: Required<Pick<UpstreamOptions, 'directory'>> & {
    readonly token: string
    readonly latencyMs: number
    readonly pageSizeLimit: number
  }
  readonly requests: OpenRequest[]
  readonly faults: Faults
  readonly delays: Delays
}

/**
 * Serves a directory over HTTP on a free port of 127.0.0.1:
 * `GET /users?limit&cursor&modifiedSince` → `{ items, next?, total, asOf }`, a path for each type.
 *
 * Entries come in the order they were first put, and a cursor says after which one to go on, so changes made
 * while a listing is read never move an entry from one page to another.
 */
export async function startUpstream(options: UpstreamOptions): Promise<Upstream> {
  const { directory, token = 'upstream-token', latencyMs = 0, pageSizeLimit = 1_000 } = options
  const serving: Serving = {
    options: { directory, token, latencyMs, pageSizeLimit },
    requests: [],
    faults: createFaults(options.faults),
    delays: createDelays(),
  }
  const server = await startLoopbackServer((incoming, response) => handle(serving, incoming, response))
  return {
    url: server.url,
    token,
    directory,
    requests: serving.requests,
    faults: serving.faults,
    close() {
      serving.delays.cancelAll()
      return server.close()
    },
  }
}

function handle(serving: Serving, incoming: IncomingMessage, response: ServerResponse): void {
  const { options, requests, faults, delays } = serving
  const request = readRequest(serving, incoming)
  requests.push(request)
  options.directory.announce(request)
  const met = faults.meet(request)
  request.fault = met?.name
  const effect = met?.fault.effect
  const slowMs = effect?.kind === 'slow_headers' ? effect.delayMs : 0
  delays.run(response, options.latencyMs + slowMs, () => {
    const authorized = incoming.headers.authorization === `Bearer ${options.token}`
    const { directory, pageSizeLimit } = options
    const answer = answerRequest({ directory, requests, request, authorized, pageSizeLimit, effect })
    const onStatus = (status: number): void => {
      request.status = status
    }
    response.setHeader('date', directory.now().toUTCString())
    sendAnswer({ response, answer, effect, delays, onStatus })
  })
}

function readRequest({ options, requests }: Serving, incoming: IncomingMessage): OpenRequest {
  const { directory } = options
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const parameter = (name: string): string | undefined => url.searchParams.get(name) ?? undefined
  const cursor = parameter('cursor')
  return {
    number: requests.length + 1,
    method: incoming.method ?? '',
    path: url.pathname,
    type: directory.types().find((type) => url.pathname === `/${type}s`),
    cursor,
    page: (cursor === undefined ? undefined : decodeCursor(cursor)?.page) ?? 1,
    limit: parameter('limit'),
    modifiedSince: parameter('modifiedSince'),
    at: directory.now(),
  }
}
