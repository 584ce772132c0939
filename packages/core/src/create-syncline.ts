import { setImmediate } from 'node:timers/promises'
import { createResourceCache } from './caching/resource-cache.ts'
import { createConnectorRegistry } from './connecting/connector-registry.ts'
import { type CredentialKeeper, createCredentialKeeper } from './credentials/credential-keeper.ts'
import { createRedactor } from './credentials/redactor.ts'
import { memoryQueue, memoryRateLimiter, memoryStore } from './memory/index.ts'
import type { FoundResource } from './model/found-resource.ts'
import type { Clock } from './ports/clock.ts'
import type { Store } from './ports/store.ts'
import { planScopes } from './scheduling/plan-scopes.ts'
import { startScheduler } from './scheduling/scheduler.ts'
import { takeJobs } from './scheduling/take-jobs.ts'
import type { EngineContext } from './sync/engine-context.ts'
import { createMemberships } from './sync/membership.ts'
import { createActiveWork } from './syncline/active-work.ts'
import { automaticPostSync } from './syncline/automatic-post-sync.ts'
import { cacheHandle } from './syncline/cache.ts'
import { checkOptions } from './syncline/check-options.ts'
import { configsHandle } from './syncline/configs.ts'
import type { ConnectorServices, HandleContext } from './syncline/connectors.ts'
import { connectorsHandle } from './syncline/connectors-handle.ts'
import { credentialsHandle } from './syncline/credentials.ts'
import { createExecutor } from './syncline/executor.ts'
import { jobsHandle } from './syncline/jobs.ts'
import { keyedRequestsHandle } from './syncline/keyed-requests.ts'
import { createLife } from './syncline/life.ts'
import { parseLimits, parseRetentions, type SynclineOptions, silentLogger } from './syncline/options.ts'
import { composePeople, matchesHandle, postSyncHandle, requirePeople } from './syncline/people.ts'
import { recoverRuns } from './syncline/recover-runs.ts'
import { quarantineHandle, resourcesHandle } from './syncline/resources.ts'
import { runsHandle } from './syncline/runs.ts'
import { readStatus } from './syncline/status.ts'
import { syncAllOf } from './syncline/sync-all.ts'
import type { Syncline } from './syncline/syncline.ts'
import { triggerOf } from './syncline/trigger.ts'
import { webhooksHandle } from './syncline/webhooks.ts'
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
  checkOptions(options)
  const givingUp = new AbortController()
  const engine = composeEngine(options, givingUp.signal)
  const { store, clock, limits } = engine
  const retention = parseRetentions(options.retention)
  const queue = options.queue ?? memoryQueue({ clock })
  const stopping = new AbortController()
  const credentials = composeKeeper(options.credentials, engine, stopping.signal)
  const context = composeHandles(options, engine, credentials)
  const { cache } = context
  const people = composePeople(options, engine, stopping.signal)
  const postSync = composePostSync(options, people, limits)
  const active = createActiveWork()
  const { execute, executeFully } = createExecutor({
    engine,
    context,
    stopping: stopping.signal,
    active,
    afterwards: (run) => postSync.after(run),
  })
  const life = createLife({
    engine,
    stopping,
    givingUp,
    watch: () => startScheduler(engine, queue),
    work: () => [
      takeJobs({ engine, queue, retention, execute: executeFully }),
      recoverRuns(engine, (request) => executeFully({ request })),
      postSync.start(),
    ],
    async end() {
      await active.settled()
      await Promise.all([credentials.settled(), cache.close()])
      if (!options.queue) await queue.close()
    },
  })

  return {
    start: life.start,
    stop: life.stop,
    sync: (request) => executeFully({ request }),
    trigger: triggerOf({ engine, context, queue }),
    syncAll: syncAllOf(engine, executeFully),
    status: (scope) => readStatus({ store, credentials: options.credentials }, scope),
    connectors: connectorsHandle(context),
    credentials: credentialsHandle(options.credentials, credentials),
    configs: configsHandle(context),
    runs: runsHandle({ engine, context, queue }, execute),
    jobs: jobsHandle(engine, queue),
    resources: resourcesHandle({ handles: context, calls: engine, stopping: stopping.signal }),
    cache: cacheHandle(cache),
    webhooks: webhooksHandle({ engine, handles: context, host: options, stopping: stopping.signal, active }),
    changes: changesHandle(store),
    quarantine: quarantineHandle(store),
    postSync: postSyncHandle(() => requirePeople(people), active),
    matches: matchesHandle(() => requirePeople(people)),
    requests: keyedRequestsHandle(store, createUuidV7()),
  }
}

const composeHandles = (
  options: SynclineOptions,
  engine: EngineContext,
  credentials: CredentialKeeper,
): HandleContext => ({
  store: engine.store,
  cache: composeCache(options.cache, engine),
  registry: createConnectorRegistry(options.connectorTypes),
  logger: engine.logger,
  credentials,
  credentialStore: options.credentials,
  emit: engine.emit,
  memberships: createMemberships(engine),
  services: servicesOf(options, engine.clock),
  plan: planQuietly(engine),
  limits: engine.limits,
})

const composeCache = (cache: SynclineOptions['cache'], engine: EngineContext) =>
  createResourceCache<FoundResource>({
    ...engine,
    cache,
    ttlMs: engine.limits.cacheTtlMs,
    timeoutMs: engine.limits.cacheTimeoutMs,
  })

const composePostSync = (
  options: SynclineOptions,
  people: ReturnType<typeof composePeople>,
  limits: EngineContext['limits'],
) =>
  automaticPostSync({
    people: options.automaticPostSync === false ? undefined : people,
    resourceTypes: options.userResourceTypes ?? ['user'],
    pollMs: limits.recoveryPollMs,
    atOnce: limits.maxConcurrentPostSyncs,
  })

/** What cannot be planned now is planned with the next look at all schedules. */
const planQuietly =
  (engine: EngineContext): HandleContext['plan'] =>
  async ({ connectorId, resourceType }) => {
    try {
      await planScopes(engine, { connectorId, resourceType })
    } catch (error) {
      engine.logger.warn({ connectorId, resourceType, error }, 'schedule not planned yet')
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

function composeEngine(options: SynclineOptions, gaveUp: AbortSignal): EngineContext {
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
    gaveUp,
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
