import type { ContractRequest, Reply } from './reply.ts'

/** What upstream accepts at the moment. */
export interface AcceptedSecrets {
  readonly secrets: Readonly<Record<string, string>>
  /** Access tokens that endpoints issued and nobody revoked. */
  readonly issuedTokens: ReadonlySet<string>
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
