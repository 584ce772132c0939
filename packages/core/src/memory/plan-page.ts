import { SyncError } from '../errors.ts'
import type { JsonObject } from '../model/json.ts'
import type { PreparedRecord } from '../model/record.ts'
import type { UpsertOutcome } from '../ports/resource-store.ts'
import type { ScopeData, StoredRow } from './memory-state.ts'

type Counter = 'added' | 'updated' | 'unchanged' | 'restored'

/** What storing one record does: the row to write, the change to log and the counter to raise, each if any. */
export interface RecordPlan {
  readonly resourceId: string
  readonly row?: StoredRow | undefined
  readonly change?: Exclude<UpsertOutcome, 'unchanged'> | undefined
  readonly counter?: Counter | undefined
}

/** When and by whom a record is stored; generation 0 stands for a direct write. */
export interface Write {
  readonly now: number
  readonly generation: number
  readonly createId: () => string
}

/** Decides, without changing anything, what one record of a page does to its row. */
export function planRecord(data: ScopeData, record: PreparedRecord, write: Write): RecordPlan {
  const row = data.rows.get(record.externalId)
  if (!row) {
    const created = writtenRow(data, record, { ...write, resourceId: write.createId(), createdAt: write.now })
    return { resourceId: created.resourceId, row: created, change: 'created', counter: 'added' }
  }
  const { resourceId } = row
  const counted = write.generation > 0 && row.writtenGeneration === write.generation
  const once = (counter: Counter): Counter | undefined => (counted ? undefined : counter)
  const { createdAt, writtenGeneration } = row
  const written = (): StoredRow =>
    writtenRow(data, record, { ...write, resourceId, createdAt, writtenGeneration })
  if (row.staleSince !== undefined) {
    return { resourceId, row: written(), change: 'restored', counter: once('restored') }
  }
  const sameRecipe = row.hashEpoch === data.hashEpoch
  if (sameRecipe && row.hash === record.hash) return { resourceId, counter: once('unchanged') }
  if (!sameRecipe && sameContent(row, record)) {
    const stamped = { ...row, hash: record.hash, hashEpoch: data.hashEpoch }
    return { resourceId, row: stamped, counter: once('unchanged') }
  }
  return { resourceId, row: written(), change: 'updated', counter: once('updated') }
}

function writtenRow(
  data: ScopeData,
  record: PreparedRecord,
  from: {
    readonly resourceId: string
    readonly createdAt: number
    readonly now: number
    readonly generation: number
    readonly writtenGeneration?: number
  },
): StoredRow {
  parseAttributes(record.attributesJson)
  return {
    resourceId: from.resourceId,
    externalId: record.externalId,
    displayName: record.displayName,
    email: record.email,
    attributesJson: record.attributesJson,
    parent: record.parent && { ...record.parent },
    hash: record.hash,
    hashEpoch: data.hashEpoch,
    // A direct write leaves a generation's mark: the record has been counted all the same.
    writtenGeneration: from.generation || (from.writtenGeneration ?? 0),
    syncedAt: from.now,
    staleSince: undefined,
    createdAt: from.createdAt,
  }
}

function sameContent(row: StoredRow, record: PreparedRecord): boolean {
  return (
    row.displayName === record.displayName &&
    row.email === record.email &&
    row.attributesJson === record.attributesJson &&
    row.parent?.resourceType === record.parent?.resourceType &&
    row.parent?.externalId === record.parent?.externalId
  )
}

/** @throws STORE_FAILED when the text is no JSON object: a database refuses it too */
export function parseAttributes(attributesJson: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(attributesJson)
  } catch (cause) {
    throw new SyncError('STORE_FAILED', 'The attributes of a record are not JSON', { cause })
  }
  if (isJsonObject(value)) return value
  throw new SyncError('STORE_FAILED', 'The attributes of a record are not a JSON object')
}

const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
