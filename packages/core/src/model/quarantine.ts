import type { Scope } from './scope.ts'

/** Why a record could not be kept. */
export const quarantineReasons = [
  /** Not an object, or a field of the wrong type. */
  'INVALID_SHAPE',
  /** U+0000 in a string: PostgreSQL cannot store it. */
  'NUL_CHARACTER',
  /** Half a surrogate pair: not Unicode text, so it cannot be stored unaltered. */
  'LONE_SURROGATE',
  /** Display name, e-mail or external id over 255 code points. */
  'TOO_LONG',
  /** Attributes nested deeper than 64 levels. */
  'TOO_DEEP',
  /** Attributes over 1 MiB of JSON. */
  'TOO_LARGE',
  /** A value JSON cannot carry: NaN, Infinity, bigint, function, symbol, Map, Set */
  'NOT_JSON',
  /** The record quotes a secret of the credential it was fetched with. */
  'HOLDS_SECRET',
] as const

/** Why a record could not be kept. */
export type QuarantineReason = (typeof quarantineReasons)[number]

/** One record of a page that could not be kept. */
export interface RejectedRecord {
  /** Absent when the id itself could not be read. */
  readonly externalId?: string | undefined
  /** Place within the page, from 0. */
  readonly position: number
  readonly reason: QuarantineReason
  /** Where and what, for a person: `attributes.notes holds U+0000`. */
  readonly detail: string
}

/** A rejected record as the store keeps it, until a good version of it arrives or a complete full pass no longer meets it. */
export interface QuarantinedRecord extends Scope, RejectedRecord {
  /** Grows with every record that is put into quarantine, in whatever scope. */
  readonly entryId: number
  readonly generation: number
  readonly pageNumber: number
  readonly runId: string
  readonly quarantinedAt: Date
}
