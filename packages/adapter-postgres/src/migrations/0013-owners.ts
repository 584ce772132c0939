import type { Migration } from './migration.ts'

/** Ids of webhook messages get their tenant when their connector is removed; until then the connector has it. */
export const owners: Migration = {
  version: 13,
  name: 'owners',
  statements: (named) => [`alter table ${named('webhook_message')} add former_tenant_id text`],
}
