import { writeCanonical } from '../hashing/canonical-json.ts'
import { isPlainObject } from '../hashing/plain-object.ts'
import type { RejectedRecord } from '../model/quarantine.ts'
import type { PreparedRecord, UpstreamRecord } from '../model/record.ts'
import type { ParentRef } from '../model/scope.ts'
import { checkExternalId, checkResourceType, checkText } from './check-text.ts'
import { RecordProblem } from './record-problem.ts'

/** A record that can be kept, not hashed yet. */
export interface SanitisedRecord extends Omit<PreparedRecord, 'hash'> {
  /** The record as the connector gave it, for filters. */
  readonly source: UpstreamRecord
}

/** A record, or why it cannot be kept. */
export type SanitiseOutcome =
  | { readonly kind: 'sanitised'; readonly record: SanitisedRecord }
  | { readonly kind: 'rejected'; readonly rejected: RejectedRecord }

/**
 * Decides whether a record can be kept unaltered and writes its attributes as canonical JSON. Never throws, and
 * never mends: what cannot be stored byte for byte is rejected with where and why.
 * @param position place within the page, from 0
 */
export function sanitiseRecord(raw: unknown, position: number): SanitiseOutcome {
  let externalId: string | undefined
  try {
    if (!isObject(raw)) throw new RecordProblem('INVALID_SHAPE', 'the record is not an object')
    externalId = checkExternalId(read(raw, 'externalId'), 'externalId')
    const displayName = checkText(read(raw, 'displayName'), 'displayName')
    const email = checkEmail(read(raw, 'email'))
    const attributesJson = writeAttributes(read(raw, 'attributes'))
    const parent = checkParent(read(raw, 'parent'))
    return {
      kind: 'sanitised',
      record: { externalId, displayName, email, attributesJson, parent, source: raw },
    }
  } catch (error) {
    const { reason, detail } = RecordProblem.of(error)
    return { kind: 'rejected', rejected: { externalId, position, reason, detail } }
  }
}

/** Its fields are checked one by one. */
function isObject(raw: unknown): raw is UpstreamRecord {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}

/** Connectors may hand over objects with getters, and getters may throw. */
function read<Holder extends object>(holder: Holder, field: keyof Holder & string): unknown {
  try {
    return holder[field]
  } catch (cause) {
    throw new RecordProblem('INVALID_SHAPE', `${field} throws when read`, cause)
  }
}

function checkEmail(email: unknown): string | null {
  return email === undefined || email === null ? null : checkText(email, 'email')
}

function writeAttributes(attributes: unknown): string {
  if (!isPlainObject(attributes)) {
    throw new RecordProblem('INVALID_SHAPE', 'attributes is not a plain object')
  }
  const text = writeCanonical(attributes, 'attributes')
  // A toJSON of their own may have made something else of them.
  if (text.startsWith('{')) return text
  throw new RecordProblem('INVALID_SHAPE', 'attributes is not a plain object once toJSON is applied')
}

function checkParent(parent: unknown): ParentRef | undefined {
  if (parent === undefined || parent === null) return undefined
  if (!isPlainObject(parent)) throw new RecordProblem('INVALID_SHAPE', 'parent is not a plain object')
  return {
    resourceType: checkResourceType(read(parent, 'resourceType'), 'parent.resourceType'),
    externalId: checkExternalId(read(parent, 'externalId'), 'parent.externalId'),
  }
}
