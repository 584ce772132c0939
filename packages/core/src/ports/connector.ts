import type { UpstreamRecord } from '../model/record.ts'
import type { ParentRef } from '../model/scope.ts'
import type { FilterRules } from '../model/sync-config.ts'
import type { ResourceEvent } from '../model/webhook.ts'
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
  /** Pages with more records are refused, see `limits.maxPageRecords`: a connector can refuse them before it maps them. */
  readonly maxPageRecords?: number | undefined
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

/** What the engine asks for one resource with. */
export interface GetRequest {
  readonly externalId: string
  /** Aborts when nobody waits any more: pass it to `fetch`. */
  readonly signal: AbortSignal
}

/** Answer to a question for one resource: its record as a listing has it, or null when upstream has none of that id. */
export type GetAnswer =
  | { readonly success: true; readonly payload: UpstreamRecord | null }
  | { readonly success: false; readonly error: ListFailure }

/** How one resource type of a connector is listed. */
export interface ResourceTypeDefinition<Config> {
  /** A method, not a property: types of different configs then fit into one list. */
  list(request: ListRequest, context: ConnectorContext<Config>): Promise<ListAnswer>
  /**
   * Reads one resource, for `syncline.resources.lookUp`; stateless like `list`, and may throw like it. Leave it out
   * where upstream cannot: look-ups then read the store. Must not answer null unless upstream said that there is none.
   */
  get?(request: GetRequest, context: ConnectorContext<Config>): Promise<GetAnswer>
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

/** A webhook as it came in, for a connector type that verifies its own. */
export interface WebhookRequest {
  /** The bytes as received: what is signed. Text that was decoded and encoded again is something else. */
  readonly body: Uint8Array
  /** Names in lower case; a header that came more than once is left out and named in `repeated`. */
  readonly headers: Readonly<Record<string, string>>
  readonly repeated: readonly string[]
  /** Every secret that may have signed it, newest first; never empty. */
  readonly secrets: readonly string[]
  /** When it came in, for schemes that sign a time. */
  readonly receivedAt: Date
}

/** Whether a webhook is upstream's own, and what it says. */
export type WebhookVerdict =
  | {
      readonly verified: true
      /**
       * The same for every delivery of a message, 1 to 255 visible ASCII characters: what makes a replay one. Where no
       * id is signed, take a digest of the signed bytes.
       */
      readonly messageId: string
      /** What the body says, in our words. Absent: the body is read as a `ResourceEvent`. */
      readonly event?: ResourceEvent | undefined
    }
  /** For the log and events; the sender never learns it. */
  | { readonly verified: false; readonly reason: string }

/** What a schema makes of a config. */
export type ParsedConfig<Config> =
  | { readonly success: true; readonly data: Config }
  | {
      readonly success: false
      readonly error: {
        readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
      }
    }

/** Parses configs. Every zod schema is one, of zod 4 and of zod 3, whichever copy it comes from. */
export interface ConfigSchema<Config = unknown> {
  safeParse(config: unknown): ParsedConfig<Config>
}

/** Code for one kind of upstream. Made with `defineConnector`. */
export interface ConnectorType<Config = unknown> {
  /** `[a-z][a-z0-9_-]{0,63}` */
  readonly type: string
  readonly displayName: string
  readonly configSchema: ConfigSchema<Config>
  /** Keyed by resource type, `[a-z][a-z0-9_-]{0,63}`. */
  readonly resourceTypes: Readonly<Record<string, ResourceTypeDefinition<Config>>>
  /** Tests address and credentials; must throw when they do not work. */
  check?(context: ConnectorContext<Config>): Promise<void>
  /**
   * Verifies a webhook by the vendor's own scheme. Must compare signatures in constant time over `body`, must not trust
   * anything it has not verified, and must answer `verified: false` when in doubt; a throw counts as that.
   * @default the Standard Webhooks scheme
   */
  verifyWebhook?(
    request: WebhookRequest,
    context: ConnectorContext<Config>,
  ): WebhookVerdict | Promise<WebhookVerdict>
}
