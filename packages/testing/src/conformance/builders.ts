import { createHash } from 'node:crypto'
import type {
  Checkpoint,
  ConnectorDefinition,
  FinishRun,
  JsonValue,
  Lease,
  NewRun,
  PageCommit,
  ParentRef,
  PreparedRecord,
  RejectedRecord,
  Run,
  Scope,
  StageTimings,
  SyncConfig,
  SyncStats,
} from '@syncline/core'

export const tenantId = 'tenant-1'
export const leaseMs = 60_000
/** Two scopes of one connector, and a scope of another connector of the same tenant. */
export const staff: Scope = { connectorId: 'hr', resourceType: 'user' }
export const teams: Scope = { connectorId: 'hr', resourceType: 'group' }
export const otherStaff: Scope = { connectorId: 'hr-2', resourceType: 'user' }

export const zeroStats: SyncStats = {
  added: 0,
  updated: 0,
  unchanged: 0,
  restored: 0,
  staled: 0,
  removed: 0,
  excluded: 0,
  quarantined: 0,
  durationMs: 0,
  pagesProcessed: 0,
  totalUpstreamRecords: 0,
}
export const zeroTimings: StageTimings = { fetchMs: 0, transformMs: 0, writeMs: 0, staleMs: 0, postSyncMs: 0 }

/** JSON text with the keys of every object sorted by code unit. */
function canonicalText(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] ?? null)}`)
  return `{${members.join(',')}}`
}

/** What a case may say about a record; the rest is derived from the id. */
export interface RecordContent {
  readonly displayName?: string
  readonly email?: string | null
  readonly attributes?: { [key: string]: JsonValue }
  readonly parent?: ParentRef
  /** Hashed with the content, so that one content has another hash under another recipe. @default 'recipe-1' */
  readonly hashRecipe?: string
}

/** A record ready for `commitPage`. Equal content gives an equal hash. */
export function record(externalId: string, content: RecordContent = {}): PreparedRecord {
  const displayName = content.displayName ?? `Name of ${externalId}`
  const email = content.email ?? null
  const attributesJson = canonicalText(content.attributes ?? {})
  const hashed = [content.hashRecipe ?? 'recipe-1', externalId, displayName, email, attributesJson]
  const hash = createHash('sha256').update(JSON.stringify(hashed)).digest('hex')
  return {
    externalId,
    displayName,
    email,
    attributesJson,
    ...(content.parent && { parent: content.parent }),
    hash,
  }
}

/** Records with the given ids and otherwise derived content. */
export const records = (...externalIds: string[]): PreparedRecord[] => externalIds.map((id) => record(id))

/** A record that could not be kept; without an id it stands for one whose id could not be read. */
export function rejected(externalId: string | undefined, position = 0): RejectedRecord {
  return {
    ...(externalId !== undefined && { externalId }),
    position,
    reason: 'NUL_CHARACTER',
    detail: 'attributes.notes holds U+0000',
  }
}

export function connectorInput(
  connectorId: string,
  change: Partial<ConnectorDefinition> = {},
): Omit<ConnectorDefinition, 'createdAt' | 'updatedAt'> {
  return {
    connectorId,
    tenantId,
    type: 'scripted',
    name: `Connector ${connectorId}`,
    config: {},
    status: 'active',
    ...change,
  }
}

export function configInput(
  scope: Scope,
  change: Partial<SyncConfig> = {},
): Omit<SyncConfig, 'createdAt' | 'updatedAt' | 'watermark' | 'nextRunAt' | 'revision'> {
  return {
    connectorId: scope.connectorId,
    resourceType: scope.resourceType,
    enabled: true,
    strategy: 'full',
    staleRetention: '7d',
    volatilePaths: [],
    pageSize: 500,
    removalGuard: { minRows: 10, percent: 20 },
    userMatchStrategy: 'email',
    userMatchFallbackStrategies: [],
    issuerSourcePath: 'attributes.identityIssuer',
    createUsers: false,
    createUserDefaults: {},
    deactivateUsers: false,
    deactivationGuard: { minUsers: 10, percent: 20 },
    attributeMappings: [],
    syncTriggerMode: 'none',
    ...change,
  }
}

/** Where a listing stands after so many pages: before its end while it lists, after it in any other phase. */
export function checkpointAt(pages: number, change: Partial<Checkpoint> = {}): Checkpoint {
  const { phase = 'listing' } = change
  return {
    version: 1,
    ...(pages > 0 && phase === 'listing' && { cursor: `page-${pages + 1}` }),
    pages,
    emptyPages: 0,
    kept: 0,
    capped: false,
    nextWatermark: '2026-01-01T00:00:00.000Z',
    rules: 'rules-1',
    ...change,
    phase,
  }
}

/** Without the fields that are undefined: absent and undefined mean the same to a port. */
export function defined<Value extends object>(value: Value): Partial<Value> {
  const copy: Partial<Value> = { ...value }
  for (const key in copy) if (copy[key] === undefined) delete copy[key]
  return copy
}

let runsMade = 0

/** A UUID that grows with every call, as the ids of real runs do. */
export function nextRunId(): string {
  runsMade += 1
  return `01890000-0000-7000-8000-${runsMade.toString(16).padStart(12, '0')}`
}

export function newRun(change: Partial<NewRun> = {}): NewRun {
  const generation = change.generation ?? 1
  return {
    runId: nextRunId(),
    mode: 'full',
    generation,
    leaseMs,
    checkpoint: checkpointAt(0),
    stats: zeroStats,
    timings: zeroTimings,
    hashRecipe: 'recipe-1',
    forgetSeenBefore: generation,
    ...change,
  }
}

/** The proof a run writes with. */
export function leaseOf(run: Run): Lease {
  return {
    connectorId: run.connectorId,
    resourceType: run.resourceType,
    runId: run.runId,
    fencingToken: run.fencingToken,
    leaseMs,
  }
}

/** What a page brings. */
export interface PageContent {
  readonly records?: readonly PreparedRecord[]
  readonly excluded?: readonly string[]
  readonly rejected?: readonly RejectedRecord[]
}

/** One page of a run, ready for `commitPage`. */
export function pageOf(
  run: Run,
  pageNumber: number,
  page: PageContent & Partial<PageCommit> = {},
): PageCommit {
  const { records: kept = [], excluded = [], rejected: bad = [] } = page
  return {
    lease: leaseOf(run),
    generation: run.generation,
    pageNumber,
    received: kept.length + excluded.length + bad.length,
    checkpoint: checkpointAt(pageNumber),
    timings: zeroTimings,
    ...page,
    records: kept,
    excluded,
    rejected: bad,
  }
}

export function finishOf(run: Run, change: Partial<FinishRun> = {}): FinishRun {
  return {
    lease: leaseOf(run),
    status: 'success',
    checkpoint: checkpointAt(1, { phase: 'done' }),
    timings: zeroTimings,
    durationMs: 0,
    resumable: false,
    complete: true,
    confirmsScope: true,
    forgetSeen: true,
    ...change,
  }
}
