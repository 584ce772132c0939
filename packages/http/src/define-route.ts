import type { ErrorCode, Syncline } from '@syncline/core'
import type { z } from 'zod'
import type { RunStreams } from './events/run-streams.ts'
import { type GrantedPermission, type Permission, type Principal, permissions } from './principal.ts'

export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'DELETE'

type Members = Readonly<Record<string, z.ZodType>>
/** A part of a request whose values are text: unknown names are refused. */
type TextPart = z.ZodObject<Members, z.core.$strict>
/** Headers that a route looks at; others are none of its business. */
type HeaderPart = z.ZodObject<Members>

/** One status a route answers with. */
export interface ReplyShape {
  readonly description: string
  /** What the body is brought into before it is sent: members it does not name never leave. Absent: no body. */
  readonly body?: z.ZodType | undefined
  /** A stream of text instead of a JSON body. */
  readonly stream?: 'text/event-stream' | undefined
  /** Headers that matter, and what they say. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export type ReplyShapes = Readonly<Record<number, ReplyShape>>

/** What a route's schemas make of a request. */
export interface RouteInput<Params, Query, Headers, Body> {
  readonly params: Parsed<Params>
  readonly query: Parsed<Query>
  readonly headers: Parsed<Headers>
  readonly body: Parsed<Body>
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

interface AnyRequest {
  readonly syncline: Syncline
  readonly runStreams: RunStreams
  /** Aborts when nobody waits for the answer any more: the client went away, or the server is closing. */
  readonly signal: AbortSignal
  /** Path of another route of the API, for `location`; what is put in is encoded. */
  readonly pathOf: (route: { readonly path: string }, params: Readonly<Record<string, string>>) => string
}

/** The connector of the path, and whose it must be. */
export interface ConnectorOfTenant {
  readonly connectorId: string
  /** Absent for a principal of all tenants. */
  readonly tenantId?: string | undefined
}

/** What a handler is given besides its input. */
export type RouteRequest<Asked extends Permission> = AnyRequest &
  (Asked extends GrantedPermission
    ? {
        readonly principal: Principal
        readonly connector: ConnectorOfTenant
        /**
         * That the connector is the tenant's; known before the handler runs, unless its route is `provenByRows`.
         * @throws NOT_FOUND
         */
        readonly requireConnector: () => Promise<void>
        /**
         * With an `Idempotency-Key`, the same for every attempt of the request: an effect that is made under this id
         * is made once, even if a process died before it could say so.
         */
        readonly effectId?: string | undefined
      }
    : {
        readonly rawBody: Uint8Array
        readonly rawHeaders: Readonly<Record<string, string | readonly string[] | undefined>>
      })

/** One answer of a route; its body is what the schema of its status takes. */
export type RouteReply<Replies extends ReplyShapes> = {
  [Status in keyof Replies & number]: {
    readonly status: Status
    readonly headers?: Readonly<Record<string, string>> | undefined
  } & (Replies[Status] extends { readonly body: infer Body extends z.ZodType }
    ? { readonly body: z.input<Body> }
    : Replies[Status] extends { readonly stream: string }
      ? { readonly stream: AsyncIterable<string> }
      : unknown)
}[keyof Replies & number]

/** One route of the API, known to no framework. */
export interface RouteDefinition<
  Asked extends Permission = Permission,
  Params extends TextPart = TextPart,
  Query extends TextPart | undefined = TextPart | undefined,
  Headers extends HeaderPart | undefined = HeaderPart | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
  Replies extends ReplyShapes = ReplyShapes,
> {
  /** Also its `operationId`. */
  readonly name: string
  readonly method: HttpMethod
  /** Below the API's base path; parameters as `:name`. */
  readonly path: `/connectors/:connectorId/${string}` | `/webhooks/:connectorId`
  /** What the caller must be allowed to do. There is no route without. */
  readonly permission: Asked
  readonly summary: string
  readonly description?: string | undefined
  readonly params: Params
  readonly query?: Query
  readonly headers?: Headers
  /** Absent: the route takes no body. */
  readonly body?: Body
  /** The body may be left out, and is `undefined` then. @default false */
  readonly bodyOptional?: boolean | undefined
  /** Longest body, in bytes. @default 1 MiB */
  readonly maxBodyBytes?: number | undefined
  /**
   * Every query of the handler asks for tenant and connector at once, so that a row it finds says that the connector is
   * the tenant's; it calls `requireConnector` when there is none. @default false: the connector is looked up first
   */
  readonly provenByRows?: boolean | undefined
  /**
   * What an `Idempotency-Key` does. `answer`: the handler is run once, and its answer is kept for later attempts ·
   * `effect`: the handler is run for each attempt, and makes its effect under `effectId`. @default takes none
   */
  readonly idempotency?: 'answer' | 'effect' | undefined
  /**
   * Error codes that callers of this route should expect. Those that follow from other parts of the route, such as a
   * condition or a body, need not be listed.
   */
  readonly problems?: readonly ErrorCode[] | undefined
  readonly replies: Replies
  handle(
    request: RouteRequest<Asked>,
    input: RouteInput<Params, Query, Headers, Body>,
  ): Promise<RouteReply<NoInfer<Replies>>>
}

/** A route of which only the table's part is known. */
export interface AnyRoute extends Omit<RouteDefinition, 'handle'> {
  // Handlers differ in what they take; a method is compared loosely, and only the pipeline calls it, after parsing.
  handle(request: never, input: never): Promise<unknown>
}

/**
 * Defines a route; what its handler takes and may answer follows from its schemas.
 * @throws TypeError when it declares no permission, or none that exists
 */
export function defineRoute<
  Asked extends Permission,
  Params extends TextPart,
  const Replies extends ReplyShapes,
  Query extends TextPart | undefined = undefined,
  Headers extends HeaderPart | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  route: RouteDefinition<Asked, Params, Query, Headers, Body, Replies>,
): RouteDefinition<Asked, Params, Query, Headers, Body, Replies> {
  requirePermission(route)
  return Object.freeze(route)
}

/** @throws TypeError */
export function requirePermission(route: { readonly name: string; readonly permission?: unknown }): void {
  if (permissions.some((permission) => permission === route.permission)) return
  throw new TypeError(`Route "${route.name}" declares no permission`)
}
