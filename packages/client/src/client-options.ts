import type { ClientClock } from './clock.ts'

export type ClientHeaders = Readonly<Record<string, string>>

export interface SynclineClientOptions {
  /** Where the API is, its base path included: `https://app.example/api`; `/api` in a browser. */
  readonly baseUrl: string
  /**
   * Sent with every request, or what makes them: asked before every attempt, so that a token may be renewed. What it
   * throws, the call throws.
   */
  readonly headers?: ClientHeaders | (() => ClientHeaders | Promise<ClientHeaders>) | undefined
  /** @default the platform's */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
  readonly retry?: RetryOptions | undefined
  /** @default the platform's */
  readonly clock?: ClientClock | undefined
  /** Between 0 and 1, for the jitter of waits. @default Math.random */
  readonly random?: (() => number) | undefined
  /** Makes Idempotency-Keys. @default 128 random bits */
  readonly createKey?: (() => string) | undefined
}

/** How often, and how patiently, a request is sent again. */
export interface RetryOptions {
  /** Attempts after the first one; 0 switches it off. @default 4 */
  readonly retries?: number | undefined
  /** A server that wants a longer wait than this is not asked again; in milliseconds. @default 30000 */
  readonly maxWaitMs?: number | undefined
}

/** What any call may be told besides what it asks for. */
export interface CallOptions {
  /** Ends the call with the signal's reason; what the server has begun goes on. */
  readonly signal?: AbortSignal | undefined
  /** On top of those of the client. */
  readonly headers?: ClientHeaders | undefined
}

/** A call that does something once, however often it is sent. */
export interface KeyedCallOptions extends CallOptions {
  /**
   * Another call with the same key and the same input, within a day, is the same request: give one to be safe even if
   * this process dies. 1 to 255 visible ASCII characters. @default a new one per call, the same for all its attempts
   */
  readonly idempotencyKey?: string | undefined
}

/** A call that begins a run and waits for its end (RFC 7240). */
export interface WaitingCallOptions extends KeyedCallOptions {
  /** Answered at once, with the run as it stands; with `waitSeconds` after that time. @default false */
  readonly respondAsync?: boolean | undefined
  /** The longest the server lets it wait, in whole seconds. @default until the run ends */
  readonly waitSeconds?: number | undefined
}

/** A change that is made only if the settings are still the ones it was decided on (RFC 9110 §13.1). */
export interface RemovalCallOptions extends CallOptions {
  /** `etag` of an earlier answer. `*`: only if there are some. */
  readonly ifMatch?: string
}

export interface ChangeCallOptions extends RemovalCallOptions {
  /** `*`: only if there are none yet. */
  readonly ifNoneMatch?: '*'
}

export interface EventsCallOptions extends CallOptions {
  /** `id` of the last event that was received: that state is not sent again. */
  readonly lastEventId?: string | undefined
}
