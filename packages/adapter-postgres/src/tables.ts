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
  credentials: 'credential',
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
    credentials: named('credentials'),
    resources: named('resources'),
    migrations: named('migrations'),
  }
}
