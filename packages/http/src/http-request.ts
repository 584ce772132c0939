import type { Logger } from '@syncline/core'
import type { HeaderValues } from './input/headers.ts'

/** What a framework knows of a request before it reads the body. */
export interface HttpRequest<HostRequest> {
  /** The framework's own request, for `authorize`. */
  readonly host: HostRequest
  /** Decoded parameters of the path. */
  readonly params: Readonly<Record<string, string>>
  /** The query string as it came, without `?`. */
  readonly search: string
  readonly headers: HeaderValues
  /** Hears of what is answered with 500. @default nobody */
  readonly logger?: Pick<Logger, 'error'> | undefined
}

/** What comes with the body. */
export interface HttpBody {
  /** As it came. Absent or empty: none. */
  readonly bytes?: Uint8Array | undefined
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}
