import type { RejectedRecord } from '../model/quarantine.ts'
import type { PreparedRecord } from '../model/record.ts'
import type { Resource } from '../model/resource.ts'
import type { Checkpoint, StageTimings, SyncStats } from '../model/run.ts'
import type { ResourceRef, Scope } from '../model/scope.ts'
import type { Lease } from './run-store.ts'

/** One page, ready to be stored. */
export interface PageCommit {
  readonly lease: Lease
  readonly generation: number
  /** From 1, counted within the generation. A page is committed once per (scope, generation, page number). */
  readonly pageNumber: number
  /** Distinct by external id. */
  readonly records: readonly PreparedRecord[]
  /** External ids that a filter rule left out; distinct, and none of them in `records`. */
  readonly excluded: readonly string[]
  readonly rejected: readonly RejectedRecord[]
  /** Records the page held as received, repeated ones included. */
  readonly received: number
  readonly totalEstimate?: number | undefined
  /**
   * Store time that had passed when upstream was asked for the page. What a webhook has said of a record since is newer
   * than the page. @default nothing is
   */
  readonly askedAfter?: Date | undefined
  /** The position after this page. */
  readonly checkpoint: Checkpoint
  /** Totals of the run up to this page. */
  readonly timings: StageTimings
}

/** Records of a page that will be committed once it is its turn. */
export interface PageAhead {
  readonly lease: Lease
  /** The list that `PageCommit.records` will be. */
  readonly records: readonly PreparedRecord[]
}

export interface PageResult {
  /** Totals of the run after this page. */
  readonly stats: SyncStats
  /** The page had been committed before; nothing was written this time. */
  readonly repeated: boolean
  readonly cancelRequested: boolean
  /** Store time. */
  readonly at: Date
}

export interface GenerationScope {
  readonly lease: Lease
  readonly generation: number
}

/** What a listing that reached its end implies. */
export interface ListingSummary {
  readonly stats: SyncStats
  /** Resources that are not stale. */
  readonly live: number
  /** Of those: neither seen in this generation nor written since it began. What a sweep would mark. */
  readonly unseen: number
}

export interface SweepBatch {
  /** Rows changed by this batch. */
  readonly count: number
  /** Nothing is left to do. */
  readonly done: boolean
  readonly cancelRequested: boolean
}

export interface ResourceQuery {
  readonly connectorId: string
  /** Nothing is found unless the connector is this tenant's. @default whosever it is */
  readonly tenantId?: string | undefined
  readonly resourceType?: string | undefined
  /** true: only stale ones; false: only live ones; absent: both. */
  readonly stale?: boolean | undefined
  /**
   * Part of display name, e-mail or external id, whatever the case: in lower case by Unicode, every sigma as σ. `%`,
   * `_` and `\` are plain characters; what is not well-formed text is part of nothing.
   */
  readonly search?: string | undefined
}

/** A part of the result, ordered by resource type, then external id by code point. */
export interface ResourceSlice extends ResourceQuery {
  readonly limit: number
  /** Rows to pass over: numbered pages. */
  readonly offset?: number | undefined
  /** Only what comes after this one, which need not be there: stable pages, as fast at any depth. */
  readonly after?: { readonly resourceType: string; readonly externalId: string } | undefined
}

/** What a direct write, such as a webhook's, did. */
export type UpsertOutcome = 'created' | 'updated' | 'unchanged' | 'restored'

/**
 * The resources. Every statement is scoped by connector and resource type. Writers of one scope exclude each
 * other, so a page and a webhook never deadlock and the change log of a scope is ordered as it was committed (I6).
 */
export interface ResourceStore {
  /**
   * Stores one page: rows, change log, quarantine, seen records, counters and checkpoint in one transaction that
   * also proves the lease and extends it. All or nothing; a repeated page changes nothing and answers the totals.
   *
   * A record with no row is added, with the same hash is unchanged, with another hash updated; a stale row is
   * restored. A record whose row this generation wrote before is stored again (last wins) but not counted again.
   * A row hashed by another recipe is compared by content and only re-stamped when equal. A row of a quarantined
   * record counts as seen. A good record ends the quarantine of its id. A record with a mark not older than `askedAfter`
   * (see `WebhookStore`) is seen and leaves its row as it is; where there is no live row, it counts as excluded.
   * @throws LEASE_LOST
   */
  commitPage(commit: PageCommit): Promise<PageResult>
  /**
   * Does for a page what `commitPage` needs no database for, while the page before it is being stored. It only saves
   * time: it touches nothing that is stored, pages may come without it, and it may be for nothing. `turn` is awaited
   * after every millisecond or so of work. Absent where nothing is to be gained.
   */
  encodeAhead?(page: PageAhead, turn: () => Promise<void>): Promise<void>
  /**
   * After the last page: makes the counters exact where keys came on more than one page (each key once; kept
   * before quarantined before excluded), drops quarantine entries of earlier generations when `full`, and counts
   * what a sweep would mark. Repeatable.
   * @throws LEASE_LOST
   */
  closeListing(request: GenerationScope & { readonly full: boolean }): Promise<ListingSummary>
  /**
   * Marks up to `limit` unseen resources stale, with their changes and the run's counter, in one transaction.
   * Unseen means: seen neither in this generation nor in a later one (an incremental listing between a guarded
   * run and its approval), nor written since the generation began (I2).
   * @throws LEASE_LOST
   */
  markStale(
    request: GenerationScope & { readonly limit: number; readonly checkpoint: Checkpoint },
  ): Promise<SweepBatch>
  /**
   * Removes up to `limit` resources stale for longer than `retentionMs` by store time, with their changes and the
   * run's counter, in one transaction. The condition is checked by the removing statement itself (I7).
   * @throws LEASE_LOST
   */
  purgeStale(request: {
    readonly lease: Lease
    readonly retentionMs: number
    readonly limit: number
  }): Promise<SweepBatch>
  /** The same outside a run, under the scope's lock instead of a lease: for scopes that no full run purges. */
  purgeExpired(request: {
    readonly scope: Scope
    readonly retentionMs: number
    readonly limit: number
  }): Promise<Pick<SweepBatch, 'count' | 'done'>>
  get(ref: ResourceRef): Promise<Resource | undefined>
  find(slice: ResourceSlice): Promise<readonly Resource[]>
  /** How many there are; counting stops at `atMost`. */
  count(query: ResourceQuery & { readonly atMost?: number | undefined }): Promise<number>
  /** Stores one record outside a run and marks it as confirmed now, in one transaction with its change. @throws CONNECTOR_NOT_FOUND */
  upsertOne(request: { readonly scope: Scope; readonly record: PreparedRecord }): Promise<UpsertOutcome>
  /** Removes one resource, with its change, in one transaction. False when there is none. */
  removeOne(ref: ResourceRef): Promise<boolean>
}
