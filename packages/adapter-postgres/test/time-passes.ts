/**
 * Makes everything stored look older by `$1` milliseconds: the database's own clock cannot be set.
 */
export const timePassesStatements: readonly string[] = [
  shift('connector_definition', 'created_at', 'updated_at'),
  shift('connector_sync_config', 'last_sync_at', 'created_at', 'updated_at'),
  shift('sync_scope', 'confirmed_at'),
  shift('sync_run', 'generation_started_at', 'started_at', 'finished_at', 'lease_expires_at', 'approved_at'),
  shift('resource_row', 'stale_since', 'synced_at', 'created_at'),
  shift('resource_change', 'at'),
  shift('quarantined_record', 'quarantined_at'),
]

function shift(table: string, ...columns: string[]): string {
  const sets = columns.map((column) => `${column} = ${column} - $1::float8 * interval '1 millisecond'`)
  return `update syncline.${table} set ${sets.join(', ')}`
}
