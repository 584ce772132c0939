/** Time as the process sees it. Leases, staleness and retention use the store's own time instead. */
export interface Clock {
  now(): Date
  /** Resolves after `ms`. Must reject with the signal's reason as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls back once after `ms` unless the returned function is called first: deadlines and heartbeats. */
  after(ms: number, callback: () => void): () => void
}
