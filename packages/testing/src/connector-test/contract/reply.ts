/** What upstream answers. */
export interface Reply {
  /** @default 200 */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Sent as `application/json`. */
  readonly json?: unknown
  /** Sent as it stands, in place of `json`; its `content-type` is to be in `headers`. */
  readonly text?: string | undefined
}

/** A request as upstream received it. */
export interface ContractRequest {
  readonly method: string
  readonly url: URL
  readonly query: URLSearchParams
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** What stands for the `:name` segments of an endpoint's path, decoded. */
  readonly params: Readonly<Record<string, string>>
}
