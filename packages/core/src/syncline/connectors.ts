import type { ResourceCache } from '../caching/resource-cache.ts'
import type { ConnectorRegistry } from '../connecting/connector-registry.ts'
import type { CredentialKeeper } from '../credentials/credential-keeper.ts'
import { createRedactor, type Redactor, redactingLogger } from '../credentials/redactor.ts'
import { SyncError } from '../errors.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { SyncEvent } from '../model/event.ts'
import type { FoundResource } from '../model/found-resource.ts'
import type { Scope } from '../model/scope.ts'
import type { ConnectorContext } from '../ports/connector.ts'
import type { ConnectorOwner } from '../ports/connector-store.ts'
import type { CredentialStore } from '../ports/credential-store.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import type { Limits } from '../sync/limits.ts'
import type { Memberships } from '../sync/membership.ts'

/** Where the handles of a host's parts get what they need. */
export interface HandleContext {
  readonly store: Store
  /** Single resources that were looked up. */
  readonly cache: ResourceCache<FoundResource>
  readonly registry: ConnectorRegistry
  readonly logger: Logger
  readonly credentials: CredentialKeeper
  /** Where the host's credentials are stored, if anywhere. */
  readonly credentialStore: CredentialStore | undefined
  readonly emit: (event: SyncEvent) => void
  /** Who belongs to synced groups. */
  readonly memberships: Memberships
  /** What every connector's code is given alike. */
  readonly services: ConnectorServices
  /** Gives a scheduled scope its next plan. Never rejects: the next look at all schedules does it too. */
  readonly plan: (scope: Scope) => Promise<void>
  readonly limits: Pick<Limits, 'callTimeoutMs'>
}

export type ConnectorServices = Pick<ConnectorContext<unknown>, 'clock' | 'rateLimiter' | 'allowedNetworks'>

/** The connector, with a tenant only if it is that tenant's. @throws CONNECTOR_NOT_FOUND */
export async function requireConnector(
  store: Store,
  connectorId: string,
  owner?: ConnectorOwner,
): Promise<ConnectorDefinition> {
  return (await store.connectors.get(connectorId, owner)) ?? throwNotFound(connectorId)
}

/** Whether a connector may be shown to the caller; true without a tenant. */
export const isOwnedBy = async (store: Store, connectorId: string, owner: ConnectorOwner): Promise<boolean> =>
  owner.tenantId === undefined || (await store.connectors.get(connectorId, owner)) !== undefined

export function throwNotFound(connectorId: string): never {
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
