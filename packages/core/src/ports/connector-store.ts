import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { JsonObject } from '../model/json.ts'

/** Tenant that a connector must belong to. Absent: any tenant. */
export interface ConnectorOwner {
  readonly tenantId?: string | undefined
}

/**
 * A connector to create, or fields of one to change. A field that is left out keeps its value.
 * With another `type`, `config` and `credentialRef` do not keep theirs: they belong to the former type.
 */
export interface ConnectorWrite {
  readonly connectorId: string
  readonly tenantId: string
  readonly type: string
  /** Of a new connector: its id. */
  readonly name?: string | undefined
  /** Of a new connector: `{}`. */
  readonly config?: JsonObject | undefined
  /** `null` removes it. */
  readonly credentialRef?: string | null | undefined
  /** Of a new connector: `active`. */
  readonly status?: ConnectorDefinition['status'] | undefined
}

/** Two tenants, the second of which is to own the connector of the first. */
export interface ConnectorMove {
  readonly connectorId: string
  readonly from: string
  readonly to: string
}

/** Configured connectors. An id is unique in the store, over all tenants. */
export interface ConnectorStore {
  /**
   * Creates a connector, or changes the given fields of one of the same tenant; keeps `createdAt`. Idempotent.
   * Must compare the tenant and merge the fields in the statement that writes: of two tenants that save one new id at
   * once, one gets it, and two writers of different fields both keep theirs.
   * A new connector must inherit nothing that another tenant left under its id: ids of webhook messages are
   * forgotten, and the journal shows only actions of the tenant.
   * @throws CONNECTOR_TENANT_MISMATCH when the id belongs to another tenant: nothing was written
   */
  save(connector: ConnectorWrite): Promise<ConnectorDefinition>
  /** Sets the status alone. Undefined, and nothing written, when the tenant has no such connector. */
  setStatus(
    connectorId: string,
    change: { readonly tenantId: string; readonly status: ConnectorDefinition['status'] },
  ): Promise<ConnectorDefinition | undefined>
  /** With a tenant: only if it is that tenant's. */
  get(connectorId: string, owner?: ConnectorOwner): Promise<ConnectorDefinition | undefined>
  /** Ordered by id. */
  list(query: { readonly tenantId?: string | undefined }): Promise<readonly ConnectorDefinition[]>
  /**
   * Makes another tenant the owner, in one transaction, and leaves the connector paused and without a credential.
   * Resources, settings, changes, quarantine and the history of syncs go with it. These do not:
   * - watermarks and resumable listings: the next run is a full one;
   * - match rows and the history of post-sync;
   * - idempotency keys and ids of webhook messages;
   * - the journal, which stays with the tenant whose users it names.
   *
   * Undefined, and nothing written, when `from` has no such connector.
   * @throws SYNC_ALREADY_RUNNING while a run is queued or holds its lease, POST_SYNC_ALREADY_RUNNING while a post-sync
   * holds its lease, CONNECTOR_LINKED while a match row holds a user or an action is not settled: nothing was written
   */
  move(move: ConnectorMove): Promise<ConnectorDefinition | undefined>
  /**
   * Removes the connector with everything stored for it. False, and nothing removed, when there is none, or with a
   * tenant, none of that tenant.
   */
  remove(connectorId: string, owner?: ConnectorOwner): Promise<boolean>
}
