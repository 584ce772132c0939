import { CanonicalProblem } from '../hashing/canonical-problem.ts'
import type { QuarantineReason } from '../model/quarantine.ts'

const maxDetailLength = 300

/** Why a record cannot be kept. Stays inside this folder. */
export class RecordProblem extends Error {
  override readonly name = 'RecordProblem'
  readonly reason: QuarantineReason
  /** At most 300 characters, always storable, without the value itself. */
  readonly detail: string

  constructor(reason: QuarantineReason, detail: string, cause?: unknown) {
    super(detail, { cause })
    this.reason = reason
    this.detail = detail.slice(0, maxDetailLength).toWellFormed()
  }

  /** What reading a record threw, as a problem of the record; others' messages may quote data and are left out. */
  static of(error: unknown): RecordProblem {
    if (error instanceof RecordProblem) return error
    if (error instanceof CanonicalProblem) return new RecordProblem(error.reason, error.message, error)
    return new RecordProblem('INVALID_SHAPE', 'the record throws when read', error)
  }
}
