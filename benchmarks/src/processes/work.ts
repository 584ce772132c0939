import type { JsonObject } from '@syncline/core'

/** A piece of work in a process of its own, given as plain data. */
export interface Job {
  /** URL of a module that exports `open: OpenWork`. */
  readonly module: string
  /** Given as JSON. */
  readonly input: object
  /** Bounds the space for young objects of the process, in MB. @default what Node chooses by the machine */
  readonly youngMb?: number | undefined
}

/** What a module of work gives, opened: connected, and nothing measured yet. */
export interface Work {
  /** Does the same in small, elsewhere, so that the clock does not measure the compiler. */
  warmUp(): Promise<void>
  /** What is measured. */
  run(): Promise<void>
  /** What came of it, for the checks; after the clock. */
  facts(): Promise<JsonObject>
  close(): Promise<void>
}

export type OpenWork = (input: unknown) => Promise<Work>

/** What the process itself saw of its run. */
export interface RunReport {
  readonly ms: number
  readonly cpuS: number
  /** Highest resident memory during the run above that of the idle process, before it warmed up. */
  readonly rssPeakMb: number
}

export type ToWorker = 'run' | 'facts' | 'close'

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly report: RunReport }
  | { readonly kind: 'facts'; readonly facts: JsonObject }
  | { readonly kind: 'failed'; readonly error: string }
