import type { Migration } from './migration.ts'

/**
 * What came by webhook. Ids of messages refer to no connector: a message that was taken in stays so when its connector
 * is removed and made again, and writers of them need no lock of it.
 */
export const webhooks: Migration = {
  version: 7,
  name: 'webhooks',
  statements: (named) => [
    `create table ${named('webhook_message')} (
      connector_id text collate "C" not null,
      message_id text collate "C" not null,
      received_at timestamptz not null,
      primary key (connector_id, message_id)
    )`,
    `create index webhook_message_age on ${named('webhook_message')} (received_at)`,
    `create table ${named('webhook_mark')} (
      scope_id int not null references ${named('sync_scope')} on delete cascade,
      external_id text collate "C" not null,
      revision bigint not null,
      version bigint,
      occurred_at timestamptz,
      marked_at timestamptz not null,
      primary key (scope_id, external_id)
    ) with (fillfactor = 80)`,
    // When a webhook of the scope was taken in last: pages learn it with the lock of the scope.
    `alter table ${named('sync_scope')} add webhook_at timestamptz`,
    `create index webhook_mark_age on ${named('webhook_mark')} (scope_id, marked_at)`,
  ],
}
