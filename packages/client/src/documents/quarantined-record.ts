/** Why a record could not be kept. */
export type QuarantineReason =
  | 'INVALID_SHAPE'
  | 'NUL_CHARACTER'
  | 'LONE_SURROGATE'
  | 'TOO_LONG'
  | 'TOO_DEEP'
  | 'TOO_LARGE'
  | 'NOT_JSON'
  | 'HOLDS_SECRET'

/** A record that could not be kept, and why. */
export interface QuarantinedRecord {
  readonly id: number
  readonly connectorId: string
  readonly resourceType: string
  /** null when the id itself could not be read. */
  readonly externalId: string | null
  readonly reason: QuarantineReason
  /** Where and what, for a person. */
  readonly detail: string
  readonly runId: string
  readonly generation: number
  readonly pageNumber: number
  /** Place within the page, from 0. */
  readonly position: number
  readonly quarantinedAt: string
}
