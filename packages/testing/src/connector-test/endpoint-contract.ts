import type { ContractRequest, Reply } from './reply.ts'

/** What an endpoint may know of the upstream it belongs to. */
export interface EndpointContext {
  /** Values upstream accepts now. */
  readonly secrets: Readonly<Record<string, string>>
  /** Makes an access token that upstream will accept: a new one each time. */
  issueToken(): string
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
