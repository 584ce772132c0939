import { z } from 'zod'
import type { ResourceCache } from '../caching/resource-cache.ts'
import type { ConnectorRegistry } from '../connecting/connector-registry.ts'
import type { CredentialKeeper } from '../credentials/credential-keeper.ts'
import { createRedactor, type Redactor, redactingLogger } from '../credentials/redactor.ts'
import { isSyncError, SyncError } from '../errors.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { FoundResource } from '../model/found-resource.ts'
import type { JsonObject } from '../model/json.ts'
import type { Scope } from '../model/scope.ts'
import type { ConnectorContext } from '../ports/connector.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import { callOnce } from '../sync/call-connector.ts'
import type { Limits } from '../sync/limits.ts'
import { describeIssues } from './options.ts'
import type { Syncline } from './syncline.ts'

const inputSchema = z.strictObject({
  connectorId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  tenantId: z.string().min(1).max(255).default('default'),
  type: z.string(),
  name: z.string().min(1).max(255).optional(),
  config: z.record(z.string(), z.json()).default({}),
  credentialRef: z.string().min(1).max(255).optional(),
  status: z.enum(['active', 'paused']).default('active'),
})

/** Where the handles of a host's parts get what they need. */
export interface HandleContext {
  readonly store: Store
  /** Single resources that were looked up. */
  readonly cache: ResourceCache<FoundResource>
  readonly registry: ConnectorRegistry
  readonly logger: Logger
  readonly credentials: CredentialKeeper
  /** What every connector's code is given alike. */
  readonly services: ConnectorServices
  /** Gives a scheduled scope its next plan. Never rejects: the next look at all schedules does it too. */
  readonly plan: (scope: Scope) => Promise<void>
  readonly limits: Pick<Limits, 'callTimeoutMs'>
}

export type ConnectorServices = Pick<ConnectorContext<unknown>, 'clock' | 'rateLimiter' | 'allowedNetworks'>

export function connectorsHandle(context: HandleContext): Syncline['connectors'] {
  const { store, registry, cache } = context
  return {
    async save(input) {
      const parsed = inputSchema.safeParse(input)
      if (!parsed.success)
        throw new SyncError('CONNECTOR_INVALID', `Connector: ${describeIssues(parsed.error)}`)
      const { name, config, ...rest } = parsed.data
      const definition = { ...rest, name: name ?? rest.connectorId, config: config as JsonObject }
      // Parsed to refuse it early; kept as given, so that the schema may transform it again next time.
      registry.config(definition)
      await refuseSecretConfig(context, definition)
      const saved = await store.connectors.save(definition)
      // Another config may mean another upstream.
      await cache.invalidate({ connectorId: saved.connectorId })
      return saved
    },
    get: (connectorId, owner) => store.connectors.get(connectorId, owner),
    list: (query = {}) => store.connectors.list(query),
    async remove(connectorId) {
      const removed = await store.connectors.remove(connectorId)
      await cache.invalidate({ connectorId })
      return removed
    },
    async check(connectorId) {
      const definition = await requireConnector(store, connectorId)
      const type = registry.type(definition.type)
      const opened = openConnector(context, definition)
      try {
        await checkInTime(context, async () => type.check?.(opened.context))
      } catch (error) {
        throw opened.redactor.thrown(error)
      } finally {
        opened.close()
      }
    },
  }
}

/** @throws UPSTREAM_TIMEOUT after `limits.callTimeoutMs`, whatever the connector does */
const checkInTime = ({ services, limits }: HandleContext, check: () => Promise<void>): Promise<void> =>
  callOnce(
    { clock: services.clock, limits },
    { command: 'check', signal: new AbortController().signal, ask: check },
  )

/** @throws CONNECTOR_NOT_FOUND */
export async function requireConnector(store: Store, connectorId: string): Promise<ConnectorDefinition> {
  const definition = await store.connectors.get(connectorId)
  if (definition) return definition
  throw new SyncError('CONNECTOR_NOT_FOUND', `There is no connector "${connectorId}"; save it first`, {
    details: { connectorId },
  })
}

/** What a connector's code is given, for one run or check. */
export interface OpenConnector {
  readonly context: ConnectorContext<unknown>
  /** Knows the secrets that the connector has read. */
  readonly redactor: Redactor
  /** Must be called at the end. */
  close(): void
}

/** @throws CONNECTOR_TYPE_UNKNOWN, CONNECTOR_CONFIG_INVALID */
export function openConnector(
  { registry, logger, credentials, services }: HandleContext,
  definition: ConnectorDefinition,
): OpenConnector {
  const { connectorId, tenantId, credentialRef } = definition
  const config = registry.config(definition)
  const opened = credentialRef === undefined ? undefined : credentials.open({ tenantId, ref: credentialRef })
  const redactor = opened?.redactor ?? createRedactor()
  return {
    redactor,
    context: {
      ...services,
      connectorId,
      tenantId,
      config,
      logger: redactingLogger(logger, redactor),
      ...(opened && { credential: opened.access }),
    },
    close: () => opened?.close(),
  }
}

/** A config is kept, shown and logged in plain text. @throws CONNECTOR_CONFIG_INVALID */
async function refuseSecretConfig(
  { credentials, logger }: HandleContext,
  { connectorId, tenantId, credentialRef, config }: Omit<ConnectorDefinition, 'createdAt' | 'updatedAt'>,
): Promise<void> {
  if (credentialRef === undefined) return
  const opened = credentials.open({ tenantId, ref: credentialRef })
  try {
    await opened.access.get()
  } catch (error) {
    // It may be saved later. The runs' own redaction does not depend on this look.
    if (!isSyncError(error, 'CREDENTIAL_NOT_FOUND')) {
      logger.warn({ connectorId, error }, 'the config could not be compared with the credential')
    }
  } finally {
    opened.close()
  }
  if (!opened.redactor.finds(JSON.stringify(config))) return
  throw new SyncError(
    'CONNECTOR_CONFIG_INVALID',
    `Config of connector "${connectorId}" holds a secret of its credential; leave it to the credential store`,
    { details: { connectorId } },
  )
}
