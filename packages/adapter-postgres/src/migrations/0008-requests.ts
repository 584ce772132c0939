import type { Migration } from './migration.ts'

/** What edits of settings are compared by, and requests that carry a key. */
export const requests: Migration = {
  version: 8,
  name: 'requests',
  statements: (named) => [
    `alter table ${named('connector_sync_config')} add column revision uuid not null default gen_random_uuid()`,
    `create table ${named('keyed_request')} (
      connector_id text collate "C" not null references ${named('connector_definition')} on delete cascade,
      principal_id text collate "C" not null,
      key text collate "C" not null,
      fingerprint text not null,
      effect_id text not null,
      claim int not null,
      claimed_until timestamptz not null,
      answer text,
      created_at timestamptz not null default clock_timestamp(),
      primary key (connector_id, principal_id, key)
    )`,
    `create index keyed_request_created on ${named('keyed_request')} (created_at)`,
  ],
}
