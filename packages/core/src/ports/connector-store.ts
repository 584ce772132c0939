import type { ConnectorDefinition } from '../model/connector-definition.ts'

/** Configured connectors. */
export interface ConnectorStore {
  /** Inserts or replaces by id; keeps `createdAt`. Idempotent. */
  save(connector: Omit<ConnectorDefinition, 'createdAt' | 'updatedAt'>): Promise<ConnectorDefinition>
  /** With a tenant: only if it is that tenant's. */
  get(
    connectorId: string,
    owner?: { readonly tenantId?: string | undefined },
  ): Promise<ConnectorDefinition | undefined>
  /** Ordered by id. */
  list(query: { readonly tenantId?: string | undefined }): Promise<readonly ConnectorDefinition[]>
  /** Removes the connector with everything kept for it. False when there is none. */
  remove(connectorId: string): Promise<boolean>
}
