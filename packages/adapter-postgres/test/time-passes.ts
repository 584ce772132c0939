/**
 * Makes everything stored look older by `$1` milliseconds: the database's own clock cannot be set.
 */
export const timePassesStatements: readonly string[] = [
  shift('connector_definition', 'created_at', 'updated_at'),
  shift('connector_sync_config', 'last_sync_at', 'tick_at', 'retry_at', 'created_at', 'updated_at'),
  shift('sync_scope', 'confirmed_at'),
  shift(
    'sync_run',
    'generation_started_at',
    'started_at',
    'finished_at',
    'lease_expires_at',
    'approved_at',
    'queued_at',
  ),
  shift('resource_row', 'stale_since', 'synced_at', 'created_at'),
  shift('resource_change', 'at'),
  shift('quarantined_record', 'quarantined_at'),
  shift('connector_sync_match', 'resolved_at', 'created_at', 'updated_at'),
  shift('post_sync_run', 'started_at', 'finished_at', 'retry_at', 'lease_expires_at'),
  shift('lifecycle_action', 'at', 'settled_at', 'stale_since'),
  shift('workflow_job', 'claimed_until', 'delivered_at'),
  shift('keyed_request', 'claimed_until', 'created_at'),
  shift('webhook_message', 'received_at'),
  shift('webhook_mark', 'marked_at'),
]

function shift(table: string, ...columns: string[]): string {
  const sets = columns.map((column) => `${column} = ${column} - $1::float8 * interval '1 millisecond'`)
  return `update syncline.${table} set ${sets.join(', ')}`
}
