import type { z } from 'zod'
import type { UpstreamRecord } from '../model/record.ts'
import type { ParentRef } from '../model/scope.ts'
import type { FilterRules } from '../model/sync-config.ts'
import type { Clock } from './clock.ts'
import type { CredentialAccess } from './credential-access.ts'
import type { Logger } from './logger.ts'
import type { RateLimiter } from './rate-limiter.ts'

/** What the engine asks a list command for. Everything a connector needs is here and in the context. */
export interface ListRequest {
  /** Name of the command, such as `listUsers`. */
  readonly command: string
  /** The token the previous page gave; absent for the first page. */
  readonly cursor?: string | undefined
  /** How many records the host would like in a page; upstream may give fewer or more. @default 500 */
  readonly pageSize: number
  /** The config's filter rules, as a hint: the engine filters again. */
  readonly filter?: FilterRules | undefined
  /** ISO instant, inclusive: list what changed since. Only sent to commands that declare `incremental`. */
  readonly modifiedSince?: string | undefined
  /** List below this parent only. */
  readonly parent?: ParentRef | undefined
  /** Aborts when the run ends early: pass it to `fetch`. */
  readonly signal: AbortSignal
}

/** One page of a listing. */
export interface ListPage {
  readonly resources: readonly UpstreamRecord[]
  /** Opaque token of the next page. Its absence is the only end of a listing: an empty page with a token goes on. */
  readonly nextCursor?: string | undefined
  /** Upstream's guess of all records, for progress. */
  readonly totalEstimate?: number | undefined
}

/** Why a call failed, as a connector may say it. An error thrown with the same code counts the same. */
export interface ListFailure {
  readonly code: string
  readonly message: string
  readonly retryAfterMs?: number | undefined
}

/** Answer of a list command. */
export type ListAnswer =
  | { readonly success: true; readonly payload: ListPage }
  | { readonly success: false; readonly error: ListFailure }

/** What a connector may use besides the request. */
export interface ConnectorContext<Config> {
  readonly connectorId: string
  readonly tenantId: string
  /** Parsed by the type's `configSchema`. */
  readonly config: Config
  /** Present when the connector has a `credentialRef`. */
  readonly credential?: CredentialAccess | undefined
  readonly logger: Logger
  readonly clock: Clock
  /** Limits shared by all connectors of the process, or of many. */
  readonly rateLimiter: RateLimiter
  /** Networks that are not public and that the host lets connectors reach: addresses or CIDR blocks. */
  readonly allowedNetworks: readonly string[]
}

/**
 * Lists one page. Must be stateless: all paging state is in the cursor, because the next page may be asked for
 * by another process. May throw instead of answering `success: false`.
 */
export type ListCommand<Config> = (
  request: ListRequest,
  context: ConnectorContext<Config>,
) => Promise<ListAnswer>

/** How one resource type of a connector is listed. */
export interface ResourceTypeDefinition<Config> {
  /** A method, not a property: types of different configs then fit into one list. */
  list(request: ListRequest, context: ConnectorContext<Config>): Promise<ListAnswer>
  /** Name of the command in requests. @default `list` + the type in Pascal case + `s`: `listUsers` */
  readonly command?: string | undefined
  /** Whether `modifiedSince` is honoured. @default false */
  readonly incremental?: boolean | undefined
  /** `partial`: even a listing read to its end leaves things out, so it never marks anything stale. @default 'full' */
  readonly coverage?: 'full' | 'partial' | undefined
  /** On a user type: external ids of the groups a user belongs to. @default strings (or `externalId`s) at `attributes.groups` */
  readonly groupIds?: ((record: UpstreamRecord) => readonly string[]) | undefined
  /** On a group type: external ids of the users in a group. @default strings (or `externalId`s) at `attributes.members` */
  readonly memberIds?: ((record: UpstreamRecord) => readonly string[]) | undefined
}

/** Code for one kind of upstream. Made with `defineConnector`. */
export interface ConnectorType<Config = unknown> {
  /** `[a-z][a-z0-9_-]{0,63}` */
  readonly type: string
  readonly displayName: string
  readonly configSchema: z.ZodType<Config>
  /** Keyed by resource type, `[a-z][a-z0-9_-]{0,63}`. */
  readonly resourceTypes: Readonly<Record<string, ResourceTypeDefinition<Config>>>
  /** Tests address and credentials; must throw when they do not work. */
  check?(context: ConnectorContext<Config>): Promise<void>
}
