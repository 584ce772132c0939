/**
 * Rows, match rows, the journal, jobs, users and ids of messages belong to no connector by foreign key; everything else hangs on
 * connectors. Faster than `truncate`.
 */
export const emptyTables = `with a as (delete from syncline.resource_row), b as (delete from syncline.lifecycle_action),
  c as (delete from syncline.workflow_job), d as (delete from syncline.connector_sync_match),
  e as (delete from syncline.local_user), f as (delete from syncline.user_action),
  g as (delete from syncline.user_profile), h as (delete from syncline.webhook_message)
  delete from syncline.connector_definition`
