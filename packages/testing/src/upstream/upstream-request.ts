/** A request the upstream received: its log, what faults match, what hooks are told. */
export interface UpstreamRequest {
  /** From 1, in order of arrival. */
  readonly number: number
  readonly method: string
  /** Without the query: `/users`. */
  readonly path: string
  /** The resource type the path names, `user` for `/users`; absent for an unknown path. */
  readonly type?: string | undefined
  readonly cursor?: string | undefined
  /** Which page of its listing was asked for, from 1; a page asked for twice keeps its number. */
  readonly page: number
  readonly limit?: string | undefined
  readonly modifiedSince?: string | undefined
  /** By the directory's clock. */
  readonly at: Date
  /** Name of the fault this request met. */
  readonly fault?: string | undefined
  /** Status of the answer; absent while none was begun, and when the connection was reset before it. */
  readonly status?: number | undefined
}

/** The log's own view of a request: what is known later is filled in. */
export type OpenRequest = UpstreamRequest & { fault?: string | undefined; status?: number | undefined }
