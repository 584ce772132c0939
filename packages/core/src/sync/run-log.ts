import type { Run } from '../model/run.ts'
import type { EngineContext } from './engine-context.ts'
import type { Execution } from './execution.ts'
import { announce } from './progress.ts'

const maxCauses = 5
const maxStackLength = 8_000

/** The fields that every log line of a run has. */
const fieldsOf = ({ tenantId, connectorId, resourceType, runId }: Run) => ({
  tenantId,
  connectorId,
  resourceType,
  runId,
})

export function logRunStarted({ logger }: EngineContext, run: Run): void {
  const { mode, generation, resumedFrom } = run
  logger.debug({ ...fieldsOf(run), mode, generation, resumedFrom }, 'run started')
}

/** Logs the run whose dead process another run has replaced. */
export function logRunAbandoned({ logger }: EngineContext, run: Run): void {
  logger.warn({ ...fieldsOf(run), status: 'error', stats: run.stats }, 'run abandoned by its process')
}

const levels = {
  queued: 'debug',
  running: 'debug',
  success: 'info',
  partial: 'warn',
  guarded: 'warn',
  cancelled: 'warn',
  timeout: 'warn',
  error: 'error',
} as const satisfies Record<Run['status'], string>

/**
 * Logs how a run ended, once: success at `info`, an error at `error` with the stack of what was thrown, everything
 * else at `warn`.
 */
export function logRunEnded({ logger }: EngineContext, run: Run, thrown?: unknown): void {
  const { status, stats, error, guard } = run
  const stack = status === 'error' ? stackOf(thrown) : undefined
  const facts = { ...fieldsOf(run), status, stats, ...(error && { error }), ...(guard?.tripped && { guard }) }
  logger[levels[status]]({ ...facts, ...(stack && { stack }) }, `run ended: ${status}`)
}

/** Announces and logs what a run has put into quarantine. */
export function reportQuarantine(engine: EngineContext, execution: Execution): void {
  const { reasons, examples } = execution.quarantined
  const count = Object.values(reasons).reduce((sum, one) => sum + one, 0)
  if (count === 0) return
  announce(engine, execution, { kind: 'quarantine.added', count, reasons, examples })
  const facts = { ...fieldsOf(execution.run), count, reasons, examples }
  engine.logger.warn(facts, 'records were put into quarantine')
}

/** The stacks of an error and of what caused it: text, because many loggers write no errors. */
function stackOf(thrown: unknown): string | undefined {
  const stacks: string[] = []
  let error = thrown
  for (; error instanceof Error && stacks.length < maxCauses; error = error.cause) {
    stacks.push(error.stack ?? error.message)
  }
  return stacks.length === 0 ? undefined : stacks.join('\nCaused by: ').slice(0, maxStackLength)
}
