import type { Migration } from './migration.ts'

type Named = (name: string) => string

/**
 * Users, profiles, the journal and jobs belong to a tenant: equal ids, addresses and action ids of two tenants are
 * different rows. What was stored before belongs to the tenant of its connector. What names no connector, or one that
 * was removed, belongs to `default`. Indexes begin with the id or the address, never with the tenant: without statistics,
 * all indexes of a tenant look equally good, and the wrong one is read in full for each row.
 */
export const tenants: Migration = {
  version: 12,
  name: 'tenants',
  statements: (named) => [...users(named), ...journal(named)],
}

const users = (named: Named): readonly string[] => [
  `alter table ${named('local_user')}
    add column tenant_id text collate "C" not null default 'default',
    drop constraint local_user_pkey,
    add primary key (id, tenant_id)`,
  `drop index ${named('local_user_email')}, ${named('local_user_sub')}, ${named('local_user_upstream_id')}`,
  `create index local_user_email on ${named('local_user')}
    ((${named('match_text')}(email) collate "C"), tenant_id)`,
  `create index local_user_sub on ${named('local_user')} (sub, tenant_id)`,
  `create index local_user_upstream_id on ${named('local_user')} (upstream_id, tenant_id)`,
  `alter table ${named('user_profile')}
    add column tenant_id text collate "C" not null default 'default',
    drop constraint user_profile_pkey,
    add primary key (user_id, tenant_id)`,
  `alter table ${named('user_action')}
    add column tenant_id text collate "C" not null default 'default',
    drop constraint user_action_pkey`,
  `update ${named('user_action')} u set tenant_id = c.tenant_id
    from ${named('lifecycle_action')} a join ${named('connector_definition')} c on c.id = a.connector_id
    where a.action_id = u.action_id and c.tenant_id <> 'default'`,
  `alter table ${named('user_action')} add primary key (action_id, tenant_id, directory)`,
  `drop index ${named('user_action_user')}`,
  `create index user_action_user on ${named('user_action')} (user_id, tenant_id, directory, ordinal)`,
]

const journal = (named: Named): readonly string[] => [
  `alter table ${named('lifecycle_action')} add column tenant_id text collate "C" not null default 'default'`,
  `update ${named('lifecycle_action')} a set tenant_id = c.tenant_id from ${named('connector_definition')} c
    where c.id = a.connector_id and c.tenant_id <> 'default'`,
  `alter table ${named('lifecycle_action')} alter tenant_id drop default`,
  `drop index ${named('lifecycle_action_user')}`,
  `create index lifecycle_action_user on ${named('lifecycle_action')} (user_id, tenant_id, position)
    where user_id is not null`,
  `alter table ${named('workflow_job')} add column tenant_id text collate "C" not null default 'default'`,
  `update ${named('workflow_job')} j set tenant_id = c.tenant_id from ${named('connector_definition')} c
    where c.id = j.payload ->> 'connectorId' and c.tenant_id <> 'default'`,
  `alter table ${named('workflow_job')} alter tenant_id drop default`,
]
