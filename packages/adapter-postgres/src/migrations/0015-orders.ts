import type { Migration } from './migration.ts'

/**
 * Each index of a scope is chosen by its own condition: where statistics are missing, all that begin with `scope_id` look
 * equally good, and the wrong one is read in full for each row. So only one begins with it, and the others with
 * `scope_id + 0`.
 */
export const orders: Migration = {
  version: 15,
  name: 'orders',
  statements: (named) => [
    `create index quarantined_record_order on ${named('quarantined_record')} ((scope_id + 0), id)`,
    ...['running', 'queued'].flatMap((status) => [
      `drop index ${named(`sync_run_one_${status}`)}`,
      `create unique index sync_run_one_${status} on ${named('sync_run')} ((scope_id + 0)) where status = '${status}'`,
    ]),
    `drop index ${named('webhook_mark_age')}`,
    `create index webhook_mark_age on ${named('webhook_mark')} ((scope_id + 0), marked_at)`,
  ],
}
