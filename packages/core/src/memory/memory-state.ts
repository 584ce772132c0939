import { SyncError } from '../errors.ts'
import type { Change } from '../model/change.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { QuarantinedRecord } from '../model/quarantine.ts'
import type { PreparedRecord } from '../model/record.ts'
import type { Run } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import type { Clock } from '../ports/clock.ts'

/** One resource as it is kept; replaced, never changed. Instants are milliseconds of store time. */
export interface StoredRow extends PreparedRecord {
  readonly resourceId: string
  /** Which recipe of the scope made the hash. */
  readonly hashEpoch: number
  /** The generation whose page wrote the row last; 0 when only direct writes did. */
  readonly writtenGeneration: number
  readonly syncedAt: number
  readonly staleSince: number | undefined
  readonly createdAt: number
}

/** What one generation met. */
export interface SeenRecords {
  /** Resource ids of kept records. */
  readonly kept: Set<string>
  /** Resource ids of rows whose record was quarantined. */
  readonly held: Set<string>
  /** External ids that a filter rule left out. */
  readonly excluded: Set<string>
}

export interface StoredRun {
  run: Run
  /** When the generation began, to the tick: a `Date` cannot tell it from a write in the same millisecond. */
  readonly listingBeganAt: number
}

/** Everything kept for one (connector, resource type). */
export interface ScopeData {
  config: SyncConfig | undefined
  readonly rows: Map<string, StoredRow>
  /** External ids in order; made again when needed after rows came or went. */
  sortedIds: readonly string[] | undefined
  readonly changes: Change[]
  /** Oldest first. */
  readonly quarantine: Set<QuarantinedRecord>
  readonly quarantineById: Map<string, QuarantinedRecord>
  readonly seen: Map<number, SeenRecords>
  readonly runs: StoredRun[]
  generation: number
  fencingToken: number
  hashRecipe: string | undefined
  hashEpoch: number
  /** Everything live was confirmed at this instant. */
  confirmedAt: number
}

interface ConnectorData {
  definition: ConnectorDefinition
  readonly scopes: Map<string, ScopeData>
}

export interface MemoryState {
  readonly connectors: Map<string, ConnectorData>
  /** In the order they began. */
  readonly runs: Map<string, StoredRun>
  readonly createId: () => string
  /** Store time: later with every call, so that what came before a run is never mistaken for what came after. */
  now(): number
}

/** A power of two, so that adding it to milliseconds is exact; about a microsecond. */
const tickMs = 1 / 1024

export function createMemoryState(clock: Clock, createId: () => string): MemoryState {
  let last = 0
  return {
    connectors: new Map(),
    runs: new Map(),
    createId,
    now() {
      last = Math.max(clock.now().getTime(), last + tickMs)
      return last
    },
  }
}

const emptyScope = (): ScopeData => ({
  config: undefined,
  rows: new Map(),
  sortedIds: undefined,
  changes: [],
  quarantine: new Set(),
  quarantineById: new Map(),
  seen: new Map(),
  runs: [],
  generation: 0,
  fencingToken: 0,
  hashRecipe: undefined,
  hashEpoch: 0,
  confirmedAt: 0,
})

/** What is kept for a scope, if anything is. */
export const readScope = (state: MemoryState, scope: Scope): ScopeData | undefined =>
  state.connectors.get(scope.connectorId)?.scopes.get(scope.resourceType)

/** @throws CONNECTOR_NOT_FOUND */
export function openScope(state: MemoryState, scope: Scope): ScopeData {
  const connector = state.connectors.get(scope.connectorId)
  if (!connector) {
    throw new SyncError('CONNECTOR_NOT_FOUND', `There is no connector ${scope.connectorId}; save it first`, {
      details: { connectorId: scope.connectorId },
    })
  }
  const found = connector.scopes.get(scope.resourceType)
  if (found) return found
  const created = emptyScope()
  connector.scopes.set(scope.resourceType, created)
  return created
}

/** Adds to the change log; the position is the place in it. */
export function appendChange(data: ScopeData, change: Omit<Change, 'position'>): void {
  data.changes.push({ position: data.changes.length + 1, ...change })
}

/** A copy without its undefined fields: what is kept and what is handed out never share an object. */
export function copyOf<Value extends object>(value: Value): Value {
  const copy = structuredClone(value)
  for (const key in copy) if (copy[key] === undefined) delete copy[key]
  return copy
}
