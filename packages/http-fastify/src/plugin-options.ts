import type { HttpApiOptions } from '@syncline/http'
import type { FastifyRequest } from 'fastify'
import type { OpenApiServing } from './serve-document.ts'

/** How often one principal may call. */
export interface RequestLimit {
  /** Requests per window. @default 600 */
  readonly max?: number | undefined
  /** Length of the window, in milliseconds. @default 60000 */
  readonly windowMs?: number | undefined
  /**
   * An ioredis client that several processes count on; while it does not answer, nobody is limited. Where the host has
   * registered `@fastify/rate-limit` itself, the store of that counts. @default this process counts its own
   */
  readonly redis?: unknown
}

export interface SynclineHttpOptions extends HttpApiOptions<FastifyRequest> {
  /**
   * `false` leaves limiting to the host. Signed requests, which have no principal, are never limited here.
   * @default 600 a minute
   */
  readonly rateLimit?: RequestLimit | false | undefined
  /** Serves the OpenAPI document, to anybody. @default not at all; see `openApiDocument` to serve it elsewhere */
  readonly openApi?: OpenApiServing | undefined
}
