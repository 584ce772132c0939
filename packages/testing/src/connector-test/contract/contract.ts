import type { JsonObject, JsonValue, RateWindow } from '@syncline/core'
import type { ListingContract } from './listing-contract.ts'
import type { ContractRequest, Reply } from './reply.ts'

/**
 * What a vendor's API and a connector's promises about it come to, as data and small functions: enough for a
 * scripted upstream to stand in for the vendor. Everything the connector asks for must be in here; anything else
 * fails the test and is named.
 */
export interface ConnectorContract {
  /** The config a host would save for an upstream at this URL, which has no slash at the end. */
  config(url: string): JsonObject
  /** Configs the type's schema must refuse, each with a part of the message a person needs to mend it. */
  readonly refusedConfigs: readonly { readonly config: JsonValue; readonly message: string }[]
  /** Absent for an upstream that asks nobody who they are. */
  readonly credential?: CredentialContract | undefined
  /** Whether the type has a `check`. @default true */
  readonly check?: boolean | undefined
  /** Keyed by resource type: exactly the resource types of the connector type. */
  readonly listings: Readonly<Record<string, ListingContract>>
  /** Other requests the connector may make: for tokens, members of a group, or a `check`. @default none */
  readonly endpoints?: readonly EndpointContract[] | undefined
  /**
   * Every way in which upstream says that it is asked too often, by a name for test reports.
   * @default 429 with `Retry-After` in seconds, and as a date
   */
  readonly throttles?: Readonly<Record<string, (wait: ThrottleWait) => Reply>> | undefined
  /** How often upstream may be asked, all requests of a credential together: the connector keeps to it by itself. @default as often as one likes */
  readonly rateLimits?: readonly RateWindow[] | undefined
}

/** How a connector shows who it is. */
export interface CredentialContract {
  /** Invented values that prove it, of at least 16 characters each: they are looked for in everything that is let out. */
  readonly secrets: Readonly<Record<string, string>>
  /** Values of the credential that are no secrets, such as `clientId`. @default none */
  readonly identifiers?: Readonly<Record<string, string>> | undefined
  /** Whether a request carries what is accepted. */
  accepts(request: ContractRequest, accepted: AcceptedSecrets): boolean
  /** What upstream answers a request that does not. @default 401 `{ "error": "unauthorized" }` */
  readonly refusal?: Reply | undefined
  /** What upstream answers who may not see a listing. @default 403 `{ "error": "forbidden" }` */
  readonly forbidden?: Reply | undefined
  /** Whether the connector gets a new access token when one is refused, and asks once more. @default false */
  readonly renews?: boolean | undefined
}

/** What upstream accepts at the moment. */
export interface AcceptedSecrets {
  readonly secrets: Readonly<Record<string, string>>
  /** Access tokens that endpoints issued and nobody revoked. */
  readonly issuedTokens: ReadonlySet<string>
}

/** A request that is no listing. */
export interface EndpointContract {
  /** @default 'GET' */
  readonly method?: 'GET' | 'POST' | undefined
  /** Segments that begin with a colon stand for anything: `/groups/:id/members`. */
  readonly path: string
  /** Names of the query parameters it may have. @default none */
  readonly query?: readonly string[] | undefined
  /** Whether it is refused without the credential: false for a token endpoint. @default true */
  readonly guarded?: boolean | undefined
  reply(request: ContractRequest, context: EndpointContext): Reply
}

/** What an endpoint may know of the upstream it belongs to. */
export interface EndpointContext {
  /** Values upstream accepts now. */
  readonly secrets: Readonly<Record<string, string>>
  /** Makes an access token that upstream will accept: a new one each time. */
  readonly issueToken: () => string
}

/** The wait that upstream asks for when it throttles. */
export interface ThrottleWait {
  /** Whole seconds from upstream's now. */
  readonly seconds: number
  /** The same as an instant of upstream's clock, which is also in the `date` header of every answer. */
  readonly until: Date
}
