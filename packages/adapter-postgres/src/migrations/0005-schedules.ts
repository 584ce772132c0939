import type { Migration } from './migration.ts'

/** When scopes run by themselves, and runs that wait to begin. */
export const schedules: Migration = {
  version: 5,
  name: 'schedules',
  statements: (named) => [
    `alter table ${named('connector_sync_config')}
      add column cron_time_zone text,
      add column tick_at timestamptz,
      add column retry_at timestamptz,
      add column planned_after text,
      add column plan_version int not null default 0`,
    `alter table ${named('sync_run')} add column queued_at timestamptz, add column requested json`,
    `create unique index sync_run_one_queued on ${named('sync_run')} (scope_id) where status = 'queued'`,
  ],
}
