import type { QuarantineReason, RejectedRecord } from '../model/quarantine.ts'

const maxExamples = 5

/** What an execution has put into quarantine. */
export interface QuarantineTally {
  readonly reasons: Partial<Record<QuarantineReason, number>>
  /** External ids, as far as they could be read. */
  readonly examples: string[]
}

export function tallyRejected(
  { reasons, examples }: QuarantineTally,
  rejected: readonly RejectedRecord[],
): void {
  for (const { reason, externalId } of rejected) {
    reasons[reason] = (reasons[reason] ?? 0) + 1
    if (externalId !== undefined && examples.length < maxExamples) examples.push(externalId)
  }
}
