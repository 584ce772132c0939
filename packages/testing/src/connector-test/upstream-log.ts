import type { UpstreamRequest } from '../upstream/upstream-request.ts'

/** A request the scripted upstream received. */
export interface LoggedRequest extends UpstreamRequest {
  /** Everything that was sent, as text, to look for secrets in. */
  readonly sent: string
  /** Whether a listing was asked for; else it was an endpoint or nothing the contract knows. */
  readonly listing: boolean
  /** The most records asked for; absent when the request does not say. */
  readonly limitAsked?: number | undefined
  /** Resolves when the connection is done with it: true when it ended before the answer did. */
  readonly cut: Promise<boolean>
}

/** The log's own view: what is known later is filled in. */
export type OpenLoggedRequest = LoggedRequest & {
  fault?: string | undefined
  status?: number | undefined
}
