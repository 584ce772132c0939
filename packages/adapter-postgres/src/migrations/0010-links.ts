import type { Migration } from './migration.ts'

/**
 * Links are looked up by their user, one by one and in no order. First matches add them in an order that has nothing to
 * do with the ids of users: of a million, a tree takes twice the time of a hash to keep up.
 */
export const links: Migration = {
  version: 10,
  name: 'links',
  statements: (named) => [
    `drop index ${named('connector_sync_match_user')}`,
    `create index connector_sync_match_user on ${named('connector_sync_match')} using hash (user_id)
      where user_id is not null`,
  ],
}
