import type { PreparedRecord } from '../model/record.ts'
import type { ResourceRef, Scope } from '../model/scope.ts'
import type { UpsertOutcome } from '../ports/resource-store.ts'
import { endQuarantine } from './memory-quarantine-store.ts'
import { appendChange, type MemoryState, openScope, readScope } from './memory-state.ts'
import { planRecord } from './plan-page.ts'

/** Stores one record outside a run. Everything that can fail happens before the first change. */
export function upsertOne(
  state: MemoryState,
  {
    scope: { connectorId, resourceType },
    record,
  }: { readonly scope: Scope; readonly record: PreparedRecord },
): UpsertOutcome {
  const data = openScope(state, { connectorId, resourceType })
  const now = state.now()
  const plan = planRecord(data, record, { now, generation: 0, createId: state.createId })
  const { externalId } = record
  const { resourceId, change: kind } = plan
  const row = plan.row ?? data.rows.get(externalId)
  if (row) data.rows.set(externalId, { ...row, syncedAt: now })
  if (kind === 'created') data.sortedIds = undefined
  if (kind) {
    const at = new Date(now)
    appendChange(data, { connectorId, resourceType, externalId, kind, resourceId, at })
  }
  endQuarantine(data, externalId)
  return kind ?? 'unchanged'
}

/** Removes one resource outside a run. False when there is none. */
export function removeOne(
  state: MemoryState,
  { connectorId, resourceType, externalId }: ResourceRef,
): boolean {
  const data = readScope(state, { connectorId, resourceType })
  const row = data?.rows.get(externalId)
  if (!data || !row) return false
  data.rows.delete(externalId)
  data.sortedIds = undefined
  const at = new Date(state.now())
  const { resourceId } = row
  appendChange(data, { connectorId, resourceType, externalId, kind: 'removed', resourceId, at })
  return true
}
