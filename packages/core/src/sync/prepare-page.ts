import { type HashRecipe, recordHash } from '../hashing/record-hash.ts'
import type { RejectedRecord } from '../model/quarantine.ts'
import type { PreparedRecord } from '../model/record.ts'
import { refuseSecrets } from '../records/refuse-secrets.ts'
import { type SanitisedRecord, type SanitiseOutcome, sanitiseRecord } from '../records/sanitise-record.ts'

/** How a run looks at records; compiled once per run. */
export interface RecordRules {
  readonly passes: (record: SanitisedRecord) => boolean
  readonly recipe: HashRecipe
  /** Whether a text holds a secret of the run's credential. */
  readonly holdsSecret: (text: string) => boolean
  /** How many records may still be kept. */
  readonly capacity: number
}

export interface PreparedPage {
  readonly records: readonly PreparedRecord[]
  readonly excluded: readonly string[]
  readonly rejected: readonly RejectedRecord[]
  /** The capacity ran out: records after it were left out. */
  readonly capped: boolean
}

/**
 * Sanitise → validate → refuse secrets → de-duplicate (last wins) → filter → hash. Pure, and it never throws for a
 * record.
 */
export function preparePage(raw: readonly unknown[], rules: RecordRules): PreparedPage {
  const byId = new Map<string, SanitiseOutcome>()
  const rejected: RejectedRecord[] = []
  for (const [position, value] of raw.entries()) {
    const outcome = refuseSecrets(sanitiseRecord(value, position), position, rules.holdsSecret)
    const id = outcome.kind === 'sanitised' ? outcome.record.externalId : outcome.rejected.externalId
    if (id !== undefined) byId.set(id, outcome)
    else if (outcome.kind === 'rejected') rejected.push(outcome.rejected)
  }

  const records: PreparedRecord[] = []
  const excluded: string[] = []
  let capped = false
  for (const [externalId, outcome] of byId) {
    if (outcome.kind === 'rejected') rejected.push(outcome.rejected)
    else if (!rules.passes(outcome.record)) excluded.push(externalId)
    else if (records.length < rules.capacity) records.push(prepare(outcome.record, rules.recipe))
    else {
      capped = true
      excluded.push(externalId)
    }
  }
  return { records, excluded, rejected, capped }
}

/** The record as the store takes it. */
export function prepare(record: SanitisedRecord, recipe: HashRecipe): PreparedRecord {
  const { externalId, displayName, email, attributesJson, parent } = record
  return { externalId, displayName, email, attributesJson, parent, hash: recordHash(record, recipe) }
}
