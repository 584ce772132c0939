import type { ErrorRule } from '../replies/error-rule.ts'

export type QueryValue = string | number | boolean | undefined | readonly (string | number | boolean)[]

/** A request as an author writes it. Nothing in it is changed by sending it. */
export interface HttpRequest {
  /** @default 'GET' */
  readonly method?: string | undefined
  /** Below the base URL, without a query: `/users`. Write values into it with `path`, which encodes them. @default '' */
  readonly path?: string | undefined
  /** Instead of `path`: a link as upstream gave it, with its query. Must lead to the base URL's origin. */
  readonly link?: string | undefined
  /** Added to the query; undefined leaves a parameter out, a list repeats it. */
  readonly query?: Readonly<Record<string, QueryValue>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The body, as JSON. */
  readonly json?: unknown
  /** The body, as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string>> | undefined
  /** Reads the text of a good answer. @default JSON */
  readonly decode?: ((text: string) => unknown) | undefined
  /** Asked before the connector's own rules. */
  readonly errorRules?: readonly ErrorRule[] | undefined
}

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}
