import { connectorBusy, connectorLinked } from '../errors.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { ConnectorMove } from '../ports/connector-store.ts'
import { isExpired, isRunning } from './begin-run.ts'
import { copyOf, type MemoryState, type ScopeData, type StoredRun } from './memory-state.ts'
import { emptyScopePeople } from './people-state.ts'

/** Hands a connector to another tenant. Everything that can fail happens before the first change. */
export function moveConnector(
  state: MemoryState,
  { connectorId, from, to }: ConnectorMove,
): ConnectorDefinition | undefined {
  const kept = state.connectors.get(connectorId)
  if (kept?.definition.tenantId !== from) return undefined
  const now = state.now()
  const scopes = [...kept.scopes.values()]
  const runs = [...state.runs.values()].filter(({ run }) => run.connectorId === connectorId)
  refuseBusy({ connectorId, runs, scopes, now })
  refuseLinked(state, connectorId, scopes)

  for (const stored of runs) giveRun(stored, to, new Date(now))
  for (const data of scopes) giveScope(data)
  kept.requests.clear()
  state.messages.delete(connectorId)
  const { credentialRef: _secret, ...definition } = kept.definition
  kept.definition = { ...definition, tenantId: to, status: 'paused', updatedAt: new Date(now) }
  return copyOf(kept.definition)
}

function refuseBusy(of: {
  readonly connectorId: string
  readonly runs: readonly StoredRun[]
  readonly scopes: readonly ScopeData[]
  readonly now: number
}): void {
  const { connectorId, runs, scopes, now } = of
  const busy = runs.find(
    (stored) => stored.run.status === 'queued' || (isRunning(stored) && !isExpired(stored, now)),
  )
  if (busy) throw connectorBusy('SYNC_ALREADY_RUNNING', connectorId, busy.run.runId)
  const postSync = scopes
    .flatMap(({ people }) => people.runs)
    .find(({ run, leaseExpiresAt }) => run.status === 'running' && leaseExpiresAt > now)
  if (postSync) throw connectorBusy('POST_SYNC_ALREADY_RUNNING', connectorId, postSync.run.runId)
}

function refuseLinked(state: MemoryState, connectorId: string, scopes: readonly ScopeData[]): void {
  const rows = scopes.flatMap(({ people }) => [...people.matches.values()])
  const links = rows.filter(({ userId }) => userId !== undefined).length
  const open = [...state.people.actions.values()].filter(
    (action) => action.connectorId === connectorId && action.status === 'intended',
  ).length
  if (links + open > 0) throw connectorLinked(connectorId, { links, open })
}

/** What goes on later begins a new listing; a run whose process died never writes again. */
function giveRun(stored: StoredRun, tenantId: string, now: Date): void {
  const { run } = stored
  const died = run.status === 'running'
  stored.run = {
    ...run,
    tenantId,
    resumable: false,
    ...(died && {
      status: 'error' as const,
      finishedAt: now,
      error: { code: 'RUN_ABANDONED', message: 'Its process stopped renewing its lease' },
    }),
  }
}

function giveScope(data: ScopeData): void {
  Object.assign(data.people, emptyScopePeople())
  data.plan = {}
  data.planVersion += 1
  if (!data.config) return
  const { watermark: _position, ...config } = data.config
  data.config = config
}
