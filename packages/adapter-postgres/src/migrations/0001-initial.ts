import type { Migration } from './migration.ts'

type Named = (name: string) => string

export const initial: Migration = {
  version: 1,
  name: 'initial',
  statements: (named) => [
    ...connectors(named),
    ...scopes(named),
    ...runs(named),
    ...resources(named),
    ...listings(named),
    ...logs(named),
    ...matches(named),
  ],
}

const connectors = (named: Named): readonly string[] => [
  `create table ${named('connector_definition')} (
    id text collate "C" primary key,
    tenant_id text not null,
    type text not null,
    name text not null,
    config jsonb not null,
    credential_ref text,
    status text not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
  )`,
  `create table ${named('connector_sync_config')} (
    id uuid primary key default gen_random_uuid(),
    connector_id text collate "C" not null references ${named('connector_definition')} on delete cascade,
    resource_type text collate "C" not null,
    enabled boolean not null,
    strategy text not null,
    cron_schedule text,
    filter_rules jsonb,
    stale_retention text not null,
    volatile_paths jsonb not null,
    page_size int not null,
    removal_guard jsonb,
    watermark text,
    last_sync_at timestamptz,
    last_sync_cursor text,
    last_sync_status text not null default 'idle',
    last_sync_error text,
    last_sync_stats jsonb,
    attribute_mappings jsonb not null default '[]',
    user_match_strategy text not null default 'email',
    user_match_fallback_strategies jsonb not null default '[]',
    issuer_source_path text,
    post_sync_workflow_id text,
    sync_trigger_mode text not null default 'none',
    create_users boolean not null default false,
    deactivate_users boolean not null default false,
    create_user_defaults jsonb not null default '{}',
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    unique (connector_id, resource_type)
  )`,
]

/** One row interns a scope. Its writers lock it first: it carries what must grow in order. */
const scopes = (named: Named): readonly string[] => [
  `create table ${named('sync_scope')} (
    id int generated always as identity primary key,
    connector_id text collate "C" not null references ${named('connector_definition')} on delete cascade,
    resource_type text collate "C" not null,
    generation int not null default 0,
    fencing_token bigint not null default 0,
    hash_recipe text,
    hash_epoch int not null default 0,
    confirmed_at timestamptz,
    change_position bigint not null default 0,
    unique (connector_id, resource_type)
  ) with (fillfactor = 50)`,
]

/** Documents that may quote upstream are json, not jsonb: jsonb refuses U+0000, and a run must be able to end. */
const runs = (named: Named): readonly string[] => [
  `create table ${named('sync_run')} (
    run_id text collate "C" primary key,
    ordinal bigint generated always as identity unique,
    scope_id int not null references ${named('sync_scope')} on delete cascade,
    tenant_id text not null,
    mode text not null,
    status text not null,
    generation int not null,
    generation_started_at timestamptz not null,
    fencing_token bigint not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    lease_expires_at timestamptz not null,
    checkpoint json not null,
    added int not null,
    updated int not null,
    unchanged int not null,
    restored int not null,
    staled int not null,
    removed int not null,
    excluded int not null,
    quarantined int not null,
    duration_ms bigint not null,
    pages_processed int not null,
    total_upstream_records bigint not null,
    timings json not null,
    total_estimate bigint,
    error json,
    guard json,
    resumable boolean not null default false,
    complete boolean not null,
    resumed_from text,
    approves text,
    approved_by text,
    approved_at timestamptz,
    cancel_requested boolean not null default false,
    sweep_ready boolean not null default false,
    sweep_after uuid
  ) with (fillfactor = 50)`,
  `create unique index sync_run_one_running on ${named('sync_run')} (scope_id) where status = 'running'`,
  `create index sync_run_running on ${named('sync_run')} (tenant_id) where status = 'running'`,
  `create index sync_run_history on ${named('sync_run')} (scope_id, ordinal)`,
]

/**
 * Rows have no foreign key to their scope: checking it takes a third of the time of a first load. Writers hold the
 * lock of the scope's row, and whoever removes a connector removes its rows.
 */
const resources = (named: Named): readonly string[] => [
  `create table ${named('resource_row')} (
    id uuid primary key,
    scope_id int not null,
    external_id text collate "C" not null,
    display_name text not null,
    email text,
    attributes jsonb not null check (jsonb_typeof(attributes) = 'object'),
    parent_resource_type text,
    parent_external_id text collate "C",
    sync_hash text collate "C" not null,
    hash_epoch int not null,
    written_generation int not null,
    stale_since timestamptz,
    synced_at timestamptz not null,
    created_at timestamptz not null,
    unique (scope_id, external_id)
  )`,
  `create index resource_row_stale on ${named('resource_row')} (scope_id, stale_since)
    where stale_since is not null`,
  `create view ${named('connector_resource')} as
    select r.id, s.connector_id, s.resource_type, r.external_id, r.display_name, r.email, r.attributes,
      r.sync_hash, r.stale_since,
      case when r.stale_since is null then greatest(r.synced_at, s.confirmed_at) else r.synced_at end
        as synced_at,
      r.created_at
    from ${named('resource_row')} r
    join ${named('sync_scope')} s on s.id = r.scope_id`,
]

/** What listings met, page by page, and what a sweep has before it. */
const listings = (named: Named): readonly string[] => [
  `create table ${named('seen_page')} (
    scope_id int not null references ${named('sync_scope')} on delete cascade,
    generation int not null,
    page_number int not null,
    resource_ids uuid[] not null,
    held_ids uuid[] not null default '{}',
    excluded text[] not null default '{}',
    primary key (scope_id, generation, page_number)
  )`,
  // Ids do not compress; trying costs more than the page.
  `alter table ${named('seen_page')} alter resource_ids set storage external`,
  `create table ${named('sweep_candidate')} (
    scope_id int not null references ${named('sync_scope')} on delete cascade,
    fencing_token bigint not null,
    resource_id uuid not null,
    primary key (scope_id, fencing_token, resource_id)
  )`,
]

const logs = (named: Named): readonly string[] => [
  `create table ${named('resource_change')} (
    scope_id int not null references ${named('sync_scope')} on delete cascade,
    first_position bigint not null,
    last_position bigint not null,
    kind text not null,
    resource_ids uuid[] not null,
    external_ids text[] not null,
    run_id text,
    at timestamptz not null,
    primary key (scope_id, first_position)
  )`,
  `alter table ${named('resource_change')} alter resource_ids set storage external`,
  `create table ${named('quarantined_record')} (
    id bigint generated always as identity primary key,
    scope_id int not null references ${named('sync_scope')} on delete cascade,
    external_id text collate "C",
    generation int not null,
    page_number int not null,
    position int not null,
    reason text not null,
    detail text not null,
    run_id text not null,
    quarantined_at timestamptz not null
  )`,
  `create unique index quarantined_record_by_id on ${named('quarantined_record')} (scope_id, external_id)
    where external_id is not null`,
  `create unique index quarantined_record_by_place
    on ${named('quarantined_record')} (scope_id, generation, page_number, position)
    where external_id is null`,
]

const matches = (named: Named): readonly string[] => [
  `create table ${named('connector_sync_match')} (
    id uuid primary key default gen_random_uuid(),
    connector_id text collate "C" not null references ${named('connector_definition')} on delete cascade,
    resource_type text collate "C" not null,
    connector_resource_id uuid not null references ${named('resource_row')} on delete cascade,
    external_id text collate "C" not null,
    external_display_name text,
    external_email text,
    user_id text,
    match_status text not null,
    match_confidence text not null,
    match_strategy text,
    candidate_user_ids jsonb,
    resolution_notes text,
    resolved_by text,
    resolved_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    unique (connector_id, resource_type, connector_resource_id)
  )`,
  `create index connector_sync_match_resource on ${named('connector_sync_match')} (connector_resource_id)`,
]
