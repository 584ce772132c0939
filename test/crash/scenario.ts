import type { SyncStats } from '@syncline/core'
import type { ServedPage } from './page-server.ts'

/** The scope of every scenario. */
export const users = { connectorId: 'crash', resourceType: 'user' }

/** A sync that is disturbed. */
export interface Scenario {
  /** Completes "a process killed …". */
  readonly name: string
  /** Listings synced before, in order. What goes stale by them is made to look 30 days old. */
  readonly history: readonly (readonly ServedPage[])[]
  /** The listing of the sync. */
  readonly pages: readonly ServedPage[]
  /** The beginning of a statement the sync is sure to send: what the trial is about. */
  readonly sends: string
  /** How everything stands when the sync is done, however often it was interrupted. */
  readonly expected: {
    /** External ids of the live resources, in order. */
    readonly ids: readonly string[]
    /** Live resources with `attributes.revision` 1. */
    readonly changed: number
    readonly stale: number
    /** Live and stale together. */
    readonly rows: number
    /** Changes of the scope since its beginning. */
    readonly logged: Readonly<Record<string, number>>
    readonly counts: Omit<SyncStats, 'durationMs'>
  }
}
