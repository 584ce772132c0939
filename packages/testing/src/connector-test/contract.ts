import type { JsonObject, JsonValue } from '@syncline/core'
import type { CredentialContract } from './credential-contract.ts'
import type { EndpointContract } from './endpoint-contract.ts'
import type { ListingContract } from './listing-contract.ts'
import type { Reply } from './reply.ts'

/** The wait that upstream asks for when it throttles. */
export interface ThrottleWait {
  /** Whole seconds from upstream's now. */
  readonly seconds: number
  /** The same as an instant of upstream's clock, which is also in the `date` header of every answer. */
  readonly until: Date
}

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
}
