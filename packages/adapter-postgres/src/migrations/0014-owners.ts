import type { Migration } from './migration.ts'

/**
 * Owners of what outlives its connector. An action of the journal belongs to the tenant that owned the connector when it
 * was recorded. Ids of webhook messages get their tenant when its connector is removed; until then the connector has it.
 */
export const owners: Migration = {
  version: 14,
  name: 'owners',
  statements: (named) => [
    `alter table ${named('lifecycle_action')} add tenant_id text`,
    `update ${named('lifecycle_action')} a set tenant_id = c.tenant_id
      from ${named('connector_definition')} c where c.id = a.connector_id`,
    `alter table ${named('webhook_message')} add former_tenant_id text`,
  ],
}
