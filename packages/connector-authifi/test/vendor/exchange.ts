import type { IncomingHttpHeaders } from 'node:http'

/** A request as the instance saw it. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** By the instance's clock, in milliseconds since 1970. */
  readonly at: number
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Instead of the body as JSON. */
  readonly text?: string
}
