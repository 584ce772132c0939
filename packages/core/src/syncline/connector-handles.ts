import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { ConnectorMove, ConnectorOwner } from '../ports/connector-store.ts'

/**
 * A connector to create or change. Fields that are left out keep their values; defaults are those of a new connector.
 * With another `type`, `config` and `credentialRef` that are left out get their defaults.
 */
export interface ConnectorInput {
  /** Unique in the store, over all tenants. */
  readonly connectorId: string
  readonly type: string
  /** Owner of the connector; never changed by `save`, see `move`. @default 'default' */
  readonly tenantId?: string | undefined
  /** @default the id */
  readonly name?: string | undefined
  /** Fields that the type's schema requires; no secrets. Replaced as a whole. @default {} */
  readonly config?: Readonly<Record<string, unknown>> | undefined
  /** `null` removes it. @default none */
  readonly credentialRef?: string | null | undefined
  /** @default 'active' */
  readonly status?: ConnectorDefinition['status'] | undefined
}

/** A connector and the tenant it must belong to. */
export interface ConnectorRef {
  readonly connectorId: string
  /** @default 'default' */
  readonly tenantId?: string | undefined
}

/** Configured connectors and who owns them. */
export interface ConnectorsHandle {
  /**
   * Creates a connector, or changes the given fields of one of the same tenant.
   * @throws CONNECTOR_TENANT_MISMATCH when the id belongs to another tenant: nothing was written;
   * CONNECTOR_INVALID, CONNECTOR_TYPE_UNKNOWN, CONNECTOR_CONFIG_INVALID, also when it holds a secret of its credential
   */
  save(input: ConnectorInput): Promise<ConnectorDefinition>
  /** With a tenant: only if it is that tenant's. */
  get(connectorId: string, owner?: ConnectorOwner): Promise<ConnectorDefinition | undefined>
  list(query?: ConnectorOwner): Promise<readonly ConnectorDefinition[]>
  /** Keeps the connector from syncing until `resume`. @throws CONNECTOR_NOT_FOUND, also for one of another tenant */
  pause(connector: ConnectorRef): Promise<ConnectorDefinition>
  /** Ends a pause. @throws CONNECTOR_NOT_FOUND, also for one of another tenant */
  resume(connector: ConnectorRef): Promise<ConnectorDefinition>
  /**
   * Makes another tenant the owner. Leaves the connector paused, and without its credential and webhook secret, which
   * are secrets of the former tenant. Resources, settings and the history of syncs go with it; match rows,
   * watermarks, idempotency keys and the journal do not. Emits `connector.moved`.
   * @throws CONNECTOR_INVALID; CONNECTOR_NOT_FOUND when it is not a connector of `from`; SYNC_ALREADY_RUNNING or
   * POST_SYNC_ALREADY_RUNNING (with `details.runId`) while a run is queued or in progress; CONNECTOR_LINKED while its
   * match rows hold users of the former tenant. Nothing was changed then
   */
  move(move: ConnectorMove): Promise<ConnectorDefinition>
  /**
   * Removes the connector with everything stored for it, and its webhook secret. False, and nothing removed, when the
   * tenant has no such connector.
   */
  remove(
    connectorId: string,
    /** @default { tenantId: 'default' } */
    owner?: ConnectorOwner,
  ): Promise<boolean>
  /**
   * Tests address and credentials with the type's own `check`; does nothing for a type that has none. With a tenant:
   * only if it is that tenant's. @throws CONNECTOR_NOT_FOUND, and the error of the type's `check`
   */
  check(connectorId: string, owner?: ConnectorOwner): Promise<void>
}
