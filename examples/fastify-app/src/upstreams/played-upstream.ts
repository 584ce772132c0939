/** An upstream that runs in this process, for trials. */
export interface PlayedUpstream<Found> {
  readonly found: Found
  close(): Promise<void>
}
