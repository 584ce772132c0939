import { type RawBuilder, sql } from 'kysely'

const names = {
  connectors: 'connector_definition',
  configs: 'connector_sync_config',
  scopes: 'sync_scope',
  runs: 'sync_run',
  rows: 'resource_row',
  seenPages: 'seen_page',
  sweepCandidates: 'sweep_candidate',
  changes: 'resource_change',
  quarantine: 'quarantined_record',
  matches: 'connector_sync_match',
  postSyncScopes: 'post_sync_scope',
  postSyncRuns: 'post_sync_run',
  actions: 'lifecycle_action',
  jobs: 'workflow_job',
  users: 'local_user',
  userActions: 'user_action',
  profiles: 'user_profile',
  credentials: 'credential',
  webhookMessages: 'webhook_message',
  webhookMarks: 'webhook_mark',
  keyedRequests: 'keyed_request',
  resources: 'connector_resource',
  migrations: 'schema_migration',
} as const

/** Names of tables and views, always with their schema: `search_path` belongs to the host. */
export type Tables = Readonly<Record<keyof typeof names, RawBuilder<unknown>>> & {
  /** The schema they are in, unquoted. */
  readonly schema: string
}

export function tablesIn(schema: string): Tables {
  const named = (key: keyof typeof names): RawBuilder<unknown> => sql.id(schema, names[key])
  return {
    schema,
    connectors: named('connectors'),
    configs: named('configs'),
    scopes: named('scopes'),
    runs: named('runs'),
    rows: named('rows'),
    seenPages: named('seenPages'),
    sweepCandidates: named('sweepCandidates'),
    changes: named('changes'),
    quarantine: named('quarantine'),
    matches: named('matches'),
    postSyncScopes: named('postSyncScopes'),
    postSyncRuns: named('postSyncRuns'),
    actions: named('actions'),
    jobs: named('jobs'),
    users: named('users'),
    userActions: named('userActions'),
    profiles: named('profiles'),
    credentials: named('credentials'),
    webhookMessages: named('webhookMessages'),
    webhookMarks: named('webhookMarks'),
    keyedRequests: named('keyedRequests'),
    resources: named('resources'),
    migrations: named('migrations'),
  }
}
