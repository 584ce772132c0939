import { setImmediate } from 'node:timers/promises'
import pLimit from 'p-limit'
import { createConnectorRegistry } from './connecting/connector-registry.ts'
import { type CredentialKeeper, createCredentialKeeper } from './credentials/credential-keeper.ts'
import { createRedactor } from './credentials/redactor.ts'
import { SyncError } from './errors.ts'
import { memoryRateLimiter, memoryStore } from './memory/index.ts'
import type { Run } from './model/run.ts'
import type { Clock } from './ports/clock.ts'
import type { Store } from './ports/store.ts'
import type { EngineContext } from './sync/engine-context.ts'
import { runSync } from './sync/sync-engine.ts'
import { configsHandle } from './syncline/configs.ts'
import { type ConnectorServices, connectorsHandle, type HandleContext } from './syncline/connectors.ts'
import { credentialsHandle } from './syncline/credentials.ts'
import { parseLimits, type SynclineOptions, silentLogger } from './syncline/options.ts'
import { type PreparedJob, prepareJob } from './syncline/prepare-job.ts'
import { recoverRuns } from './syncline/recover-runs.ts'
import { quarantineHandle, resourcesHandle } from './syncline/resources.ts'
import { runsHandle } from './syncline/runs.ts'
import { shieldEngine } from './syncline/shield-engine.ts'
import { readStatus } from './syncline/status.ts'
import type { Syncline, SyncRequest } from './syncline/syncline.ts'
import { systemClock } from './time/system-clock.ts'
import { createUuidV7 } from './time/uuid-v7.ts'

/**
 * Composes Syncline. The only place that knows every part.
 *
 * ```ts
 * const syncline = createSyncline({ store, connectorTypes: [acme] })
 * await syncline.connectors.save({ connectorId: 'acme', type: 'acme', config: { baseUrl } })
 * const run = await syncline.sync({ connectorId: 'acme', resourceType: 'user' })
 * ```
 * @throws OPTIONS_INVALID, CONNECTOR_TYPE_DUPLICATE
 */
export function createSyncline(options: SynclineOptions): Syncline {
  const engine = composeEngine(options)
  const { store, clock, logger, limits } = engine
  const registry = createConnectorRegistry(options.connectorTypes)
  const slots = pLimit(limits.maxConcurrentRuns)
  const stopping = new AbortController()
  const credentials = composeKeeper(options.credentials, engine, stopping.signal)
  const services = servicesOf(options, clock)
  const context: HandleContext = { store, registry, logger, credentials, services }
  const active = new Set<Promise<Run>>()
  let recovery: ReturnType<typeof recoverRuns> | undefined

  const execute = (request: SyncRequest, approval?: { run: Run; approvedBy: string }): Promise<Run> => {
    const going = slots(async () => {
      const signal = request.signal ? AbortSignal.any([stopping.signal, request.signal]) : stopping.signal
      if (stopping.signal.aborted) throw stopping.signal.reason
      const runId = engine.createRunId()
      const prepared = await prepareJob(context, {
        request: { ...request, signal },
        limits,
        runId,
        approval,
      })
      return runPrepared(engine, prepared)
    })
    active.add(going)
    const forget = (): boolean => active.delete(going)
    going.then(forget, forget)
    return going
  }

  const sync = async (request: SyncRequest): Promise<Run> => {
    const run = await execute(request)
    // Upstream no longer knows the changes since the watermark or the cursor: one full listing repairs both.
    return run.error?.code === 'DELTA_EXPIRED' ? execute({ ...request, mode: 'full', restart: true }) : run
  }

  return {
    async start() {
      recovery ??= recoverRuns(engine, sync)
    },
    async stop() {
      stopping.abort(new SyncError('STOPPED', 'Syncline was stopped; the next run goes on from here'))
      await recovery?.stop()
      await Promise.allSettled(active)
      await credentials.settled()
    },
    sync,
    status: (scope) => readStatus({ store, clock, credentials: options.credentials }, scope),
    connectors: connectorsHandle(context),
    credentials: credentialsHandle(options.credentials, credentials),
    configs: configsHandle(context),
    runs: runsHandle(store, execute),
    resources: resourcesHandle(context),
    changes: changesHandle(store),
    quarantine: quarantineHandle(store),
  }
}

const changesHandle = ({ changes }: Store): Syncline['changes'] => ({
  read: ({ connectorId, resourceType, after = 0, limit = 1_000 }) =>
    changes.read({ scope: { connectorId, resourceType }, after, limit }),
})

const servicesOf = (options: SynclineOptions, clock: Clock): ConnectorServices => ({
  clock,
  rateLimiter: options.rateLimiter ?? memoryRateLimiter({ clock }),
  allowedNetworks: options.allowedNetworks ?? [],
})

function composeEngine(options: SynclineOptions): EngineContext {
  const limits = parseLimits(options.limits)
  const clock = options.clock ?? systemClock
  const logger = options.logger ?? silentLogger
  return {
    store: options.store ?? memoryStore({ clock }),
    clock,
    logger,
    limits,
    random: options.random ?? Math.random,
    createRunId: options.createRunId ?? createUuidV7(),
    nextTurn: () => setImmediate(),
    redactor: createRedactor(),
    emit(event) {
      try {
        options.onEvent?.(event)
      } catch (error) {
        logger.warn({ error, event: event.kind }, 'an event sink failed')
      }
    },
  }
}

function composeKeeper(
  store: SynclineOptions['credentials'],
  { clock, random, logger, emit }: EngineContext,
  stopping: AbortSignal,
): CredentialKeeper {
  return createCredentialKeeper({
    store,
    clock,
    random,
    logger,
    emit,
    stopping,
    createHolder: createUuidV7(),
  })
}

/** @throws what a refused run throws, without the secrets of its credential */
async function runPrepared(engine: EngineContext, { job, close }: PreparedJob): Promise<Run> {
  try {
    return await runSync(shieldEngine(engine, job.redactor), job)
  } catch (error) {
    throw job.redactor.thrown(error)
  } finally {
    close()
  }
}
