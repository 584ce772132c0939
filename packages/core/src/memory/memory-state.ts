import { SyncError } from '../errors.ts'
import type { Change } from '../model/change.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { QuarantinedRecord } from '../model/quarantine.ts'
import type { PreparedRecord } from '../model/record.ts'
import type { Run } from '../model/run.ts'
import type { SchedulePlan } from '../model/schedule.ts'
import type { Scope } from '../model/scope.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import type { EventMark } from '../model/webhook.ts'
import type { Clock } from '../ports/clock.ts'
import { emptyPeople, emptyScopePeople, type PeopleState, type ScopePeople } from './people-state.ts'

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

/** What the newest event of a resource said of its place; replaced, never changed. */
interface StoredMark extends EventMark {
  readonly revision: number
  /** Milliseconds of store time. */
  readonly at: number
}

export interface StoredRun {
  run: Run
  /** When the generation began, to the tick: a `Date` cannot tell it from a write in the same millisecond. */
  readonly listingBeganAt: number
}

/** Everything kept for one (connector, resource type). */
export interface ScopeData {
  config: SyncConfig | undefined
  plan: SchedulePlan
  planVersion: number
  readonly rows: Map<string, StoredRow>
  /** External ids in order; made again when needed after rows came or went. */
  sortedIds: readonly string[] | undefined
  readonly changes: Change[]
  /** Position of the last change that was pruned. */
  prunedTo: number
  /** Oldest first. */
  readonly quarantine: Set<QuarantinedRecord>
  readonly quarantineById: Map<string, QuarantinedRecord>
  readonly seen: Map<number, SeenRecords>
  /** Those that began, oldest first. */
  runs: StoredRun[]
  generation: number
  fencingToken: number
  hashRecipe: string | undefined
  hashEpoch: number
  /** Everything live was confirmed at this instant. */
  confirmedAt: number
  readonly people: ScopePeople
  /** By external id; with or without a row. */
  readonly marks: Map<string, StoredMark>
}

/** A request with a key. */
interface StoredRequest {
  readonly fingerprint: string
  readonly effectId: string
  claim: number
  claimedUntil: number
  readonly createdAt: number
  answer?: string
}

interface ConnectorData {
  definition: ConnectorDefinition
  readonly scopes: Map<string, ScopeData>
  readonly requests: Map<string, StoredRequest>
}

export interface MemoryState {
  readonly connectors: Map<string, ConnectorData>
  /** In the order they began, or were queued. */
  readonly runs: Map<string, StoredRun>
  /** The journal and the jobs: they outlive their connectors. */
  readonly people: PeopleState
  /** When ids of messages were noted, by connector: they outlive theirs. */
  readonly messages: Map<string, Map<string, number>>
  /** Tenant of each connector that was removed, by its id: another one inherits nothing. */
  readonly formerOwners: Map<string, string>
  readonly createId: () => string
  /** Numbers what is put into quarantine, from 1. */
  readonly nextEntryId: () => number
  /** Store time: later with every call, so that what came before a run is never mistaken for what came after. */
  now(): number
}

/** A power of two, so that adding it to milliseconds is exact; about a microsecond. */
const tickMs = 1 / 1024

export function createMemoryState(clock: Clock, createId: () => string): MemoryState {
  let last = 0
  let entries = 0
  return {
    connectors: new Map(),
    runs: new Map(),
    people: emptyPeople(),
    messages: new Map(),
    formerOwners: new Map(),
    createId,
    nextEntryId: () => (entries += 1),
    now() {
      last = Math.max(clock.now().getTime(), last + tickMs)
      return last
    },
  }
}

const emptyScope = (): ScopeData => ({
  config: undefined,
  plan: {},
  planVersion: 0,
  rows: new Map(),
  sortedIds: undefined,
  changes: [],
  prunedTo: 0,
  quarantine: new Set(),
  quarantineById: new Map(),
  seen: new Map(),
  runs: [],
  generation: 0,
  fencingToken: 0,
  hashRecipe: undefined,
  hashEpoch: 0,
  confirmedAt: 0,
  people: emptyScopePeople(),
  marks: new Map(),
})

/** What is kept for a scope, if anything is. */
export const readScope = (state: MemoryState, scope: Scope): ScopeData | undefined =>
  state.connectors.get(scope.connectorId)?.scopes.get(scope.resourceType)

/** @throws CONNECTOR_NOT_FOUND */
export function requireConnectorData(state: MemoryState, connectorId: string): ConnectorData {
  const connector = state.connectors.get(connectorId)
  if (connector) return connector
  throw connectorNotFound(connectorId)
}

export const connectorNotFound = (connectorId: string): SyncError =>
  new SyncError('CONNECTOR_NOT_FOUND', `There is no connector ${connectorId}; save it first`, {
    details: { connectorId },
  })

/** The scope, if its connector belongs to the tenant. @throws CONNECTOR_NOT_FOUND */
export function openOwnedScope(state: MemoryState, scope: Scope & { readonly tenantId: string }): ScopeData {
  const { definition } = requireConnectorData(state, scope.connectorId)
  if (definition.tenantId !== scope.tenantId) throw connectorNotFound(scope.connectorId)
  return openScope(state, scope)
}

/** @throws CONNECTOR_NOT_FOUND */
export function openScope(state: MemoryState, scope: Scope): ScopeData {
  const connector = requireConnectorData(state, scope.connectorId)
  const found = connector.scopes.get(scope.resourceType)
  if (found) return found
  const created = emptyScope()
  connector.scopes.set(scope.resourceType, created)
  return created
}

/** Position of the last change that was ever logged; pruned ones count. */
export const lastPosition = ({ prunedTo, changes }: ScopeData): number => prunedTo + changes.length

/** Adds to the change log; the position is the place in all that was ever logged. */
export function appendChange(data: ScopeData, change: Omit<Change, 'position'>): void {
  data.changes.push({ position: lastPosition(data) + 1, ...change })
}

/** A copy without its undefined fields: what is kept and what is handed out never share an object. */
export function copyOf<Value extends object>(value: Value): Value {
  const copy = structuredClone(value)
  for (const key in copy) if (copy[key] === undefined) delete copy[key]
  return copy
}
