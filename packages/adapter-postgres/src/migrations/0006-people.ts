import { matchTextFunctions } from './0006-match-text.ts'
import type { Migration } from './migration.ts'

type Named = (name: string) => string

/** Post-sync: matches that outlive their resources, the journal, jobs on their way out, runs; users and profiles. */
export const people: Migration = {
  version: 6,
  name: 'people',
  statements: (named) => [
    ...matchTextFunctions(named),
    ...matches(named),
    ...postSyncs(named),
    ...journal(named),
    ...users(named),
    `alter table ${named('connector_sync_config')} add column deactivation_guard jsonb`,
    `update ${named('connector_sync_config')} set deactivation_guard = '{"minUsers":10,"percent":20}'`,
  ],
}

/**
 * A match belongs to an external id: it outlives the row of its resource and is its again when it returns. No foreign
 * keys: checking them takes a third of the time of a first matching, and whoever removes a connector removes its rows.
 * Times have defaults that are one instant within a statement: with others, a COPY writes row by row.
 */
const matches = (named: Named): readonly string[] => [
  `do $do$
  declare
    found_name name;
  begin
    for found_name in select c.conname from pg_catalog.pg_constraint c
      where c.conrelid = '${named('connector_sync_match')}'::regclass and c.contype in ('f', 'u')
    loop
      execute format('alter table ${named('connector_sync_match')} drop constraint %I', found_name);
    end loop;
  end $do$`,
  `drop index ${named('connector_sync_match_resource')}`,
  `alter table ${named('connector_sync_match')}
    alter user_id type text collate "C",
    alter candidate_user_ids type json using candidate_user_ids::json,
    add column evidence json not null default '[]',
    add column problem json,
    add column version int not null default 1,
    alter created_at set default statement_timestamp(),
    alter updated_at set default statement_timestamp(),
    add unique (connector_id, resource_type, external_id)`,
  `create index connector_sync_match_user on ${named('connector_sync_match')} (user_id) where user_id is not null`,
]

const postSyncs = (named: Named): readonly string[] => [
  `create table ${named('post_sync_scope')} (
    id int generated always as identity unique,
    connector_id text collate "C" not null references ${named('connector_definition')} on delete cascade,
    resource_type text collate "C" not null,
    fencing_token bigint not null default 0,
    processed_to bigint not null default 0,
    triggered_to bigint not null default 0,
    primary key (connector_id, resource_type)
  )`,
  `create table ${named('post_sync_run')} (
    run_id text collate "C" primary key,
    ordinal bigint generated always as identity,
    scope_id int not null references ${named('post_sync_scope')} (id) on delete cascade,
    status text not null,
    attempt int not null,
    plan_id text,
    fencing_token bigint not null,
    to_position bigint not null,
    stats json not null,
    guard json,
    error json,
    started_at timestamptz not null,
    finished_at timestamptz,
    retry_at timestamptz,
    lease_expires_at timestamptz not null
  )`,
  `create unique index post_sync_run_one_running on ${named('post_sync_run')} (scope_id) where status = 'running'`,
  `create index post_sync_run_history on ${named('post_sync_run')} (scope_id, ordinal)`,
]

/** Entries stay when their connector is removed: what was done to users was done. */
const journal = (named: Named): readonly string[] => [
  `create table ${named('lifecycle_action')} (
    position bigint generated always as identity primary key,
    action_id uuid not null unique,
    connector_id text collate "C" not null,
    resource_type text collate "C" not null,
    external_id text collate "C" not null,
    kind text not null,
    status text not null,
    user_id text collate "C",
    connector_resource_id uuid not null,
    stale_since timestamptz,
    actor text not null,
    reason text not null,
    run_id text,
    before json not null,
    after json not null,
    undoes text,
    problem json,
    at timestamptz not null,
    settled_at timestamptz
  )`,
  `create index lifecycle_action_scope on ${named('lifecycle_action')} (connector_id, resource_type, position)`,
  `create index lifecycle_action_open on ${named('lifecycle_action')} (connector_id, resource_type, position)
    where status = 'intended'`,
  `create index lifecycle_action_user on ${named('lifecycle_action')} (user_id, position) where user_id is not null`,
  `create table ${named('workflow_job')} (
    ordinal bigint generated always as identity primary key,
    idempotency_key text collate "C" not null unique,
    payload json not null,
    claimed_until timestamptz,
    delivered_at timestamptz
  )`,
  `create index workflow_job_waiting on ${named('workflow_job')} (ordinal) where delivered_at is null`,
]

/** Users and profiles for hosts that have no tables of their own, and what was done to users, whosever they are. */
const users = (named: Named): readonly string[] => [
  `create table ${named('local_user')} (
    id text collate "C" primary key default gen_random_uuid()::text,
    email text,
    display_name text,
    sub text collate "C",
    upstream_id text collate "C",
    upstream_issuer text,
    status text not null default 'active' check (status in ('active', 'unconfirmed', 'deactivated')),
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
  )`,
  `create index local_user_email on ${named('local_user')} ((${named('match_text')}(email) collate "C"))`,
  `create index local_user_sub on ${named('local_user')} (sub)`,
  `create index local_user_upstream_id on ${named('local_user')} (upstream_id)`,
  `create table ${named('user_action')} (
    action_id uuid primary key,
    directory text not null,
    ordinal bigint generated always as identity,
    kind text not null,
    user_id text collate "C" not null,
    from_status text,
    from_value text,
    to_status text,
    at timestamptz not null default clock_timestamp()
  )`,
  `create index user_action_user on ${named('user_action')} (directory, user_id, ordinal)`,
  `create table ${named('user_profile')} (
    user_id text collate "C" primary key,
    attributes json not null default '{}',
    attribute_sources json not null default '{}',
    updated_at timestamptz not null default clock_timestamp()
  )`,
]
