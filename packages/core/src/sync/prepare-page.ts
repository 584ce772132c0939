import { isSyncError } from '../errors.ts'
import { type HashRecipe, withHash } from '../hashing/record-hash.ts'
import type { RejectedRecord } from '../model/quarantine.ts'
import type { PreparedRecord } from '../model/record.ts'
import { refuseSecrets } from '../records/refuse-secrets.ts'
import { type SanitisedRecord, sanitiseRecord } from '../records/sanitise-record.ts'

/** How a run looks at records; compiled once per run. */
export interface RecordRules {
  readonly passes: (record: SanitisedRecord) => boolean
  readonly recipe: HashRecipe
  /** Whether a text holds a secret of the run's credential; absent where no secret is known. */
  readonly holdsSecret?: ((text: string) => boolean) | undefined
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

/** The last record of each id, or why it cannot be kept; in the order in which the ids first came. */
interface ReadRecords {
  readonly byId: Map<string, SanitisedRecord | RejectedRecord>
  readonly rejected: RejectedRecord[]
}

interface KeptRecords {
  readonly records: PreparedRecord[]
  readonly excluded: string[]
  readonly rejected: RejectedRecord[]
  capped: boolean
}

/**
 * Sanitise → validate → refuse secrets → de-duplicate (last wins) → filter → hash. Pure, and it never throws for a
 * record. Yields after every slice of the work, so that whoever drives it can let others have a turn: a page may be
 * large.
 */
export function* preparePage(
  raw: readonly unknown[],
  rules: RecordRules,
): Generator<undefined, PreparedPage, void> {
  const read: ReadRecords = { byId: new Map(), rejected: [] }
  for (let position = 0; position < raw.length; yield) {
    position = readSlice(raw, position, { ...read, holdsSecret: rules.holdsSecret })
  }
  const kept: KeptRecords = { records: [], excluded: [], rejected: read.rejected, capped: false }
  const outcomes = read.byId.values()
  while (keepSlice(outcomes, rules, kept)) yield
  return kept
}

// Well below a millisecond of work: the store's answers wait for as long as a slice takes.
const recordsPerSlice = 50
const charactersPerSlice = 100_000

/** Reads records from a position on. Answers the next position. */
function readSlice(
  raw: readonly unknown[],
  from: number,
  { byId, rejected, holdsSecret }: ReadRecords & Pick<RecordRules, 'holdsSecret'>,
): number {
  let position = from
  for (let characters = 0; position < raw.length && position < from + recordsPerSlice; ) {
    const sanitised = sanitiseRecord(raw[position], position)
    const outcome = holdsSecret ? refuseSecrets(sanitised, position, holdsSecret) : sanitised
    position += 1
    if (outcome.externalId !== undefined) byId.set(outcome.externalId, outcome)
    else if ('reason' in outcome) rejected.push(outcome)
    characters += charactersOf(outcome)
    if (characters >= charactersPerSlice) break
  }
  return position
}

/** Filters and hashes the next records. False when there are no more. */
function keepSlice(
  outcomes: Iterator<SanitisedRecord | RejectedRecord>,
  rules: RecordRules,
  kept: KeptRecords,
): boolean {
  for (let count = 0, characters = 0; count < recordsPerSlice && characters < charactersPerSlice; count++) {
    const next = outcomes.next()
    if (next.done) return false
    const outcome = next.value
    characters += charactersOf(outcome)
    if ('reason' in outcome) kept.rejected.push(outcome)
    else if (!passes(outcome, rules, kept)) continue
    else if (kept.records.length < rules.capacity) kept.records.push(withHash(outcome, rules.recipe))
    else {
      kept.capped = true
      kept.excluded.push(outcome.externalId)
    }
  }
  return true
}

/** Notes a record that a filter rule leaves out, or that cannot be read a second time. */
function passes(record: SanitisedRecord, rules: RecordRules, kept: KeptRecords): boolean {
  const { externalId } = record
  try {
    if (rules.passes(record)) return true
    kept.excluded.push(externalId)
  } catch (error) {
    // Groups that cannot be read decide about no one: the run ends, and no record is left out.
    if (isSyncError(error, 'GROUPS_INCOMPLETE')) throw error
    const detail = 'a filter rule cannot read the record: it throws'
    kept.rejected.push({ externalId, position: 0, reason: 'INVALID_SHAPE', detail })
  }
  return false
}

const charactersOf = (outcome: SanitisedRecord | RejectedRecord): number =>
  'reason' in outcome ? 0 : outcome.attributesJson.length
