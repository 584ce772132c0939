import { findingFunctions } from './0004-finding.ts'
import { listingFunctions } from './0004-listing.ts'
import type { Migration } from './migration.ts'

/**
 * Reads whose plans are fixed: functions, because only a function carries the planner's settings with it in one
 * round trip. Without them a planner with old statistics sorts a million rows to list twenty.
 */
export const reads: Migration = {
  version: 4,
  name: 'reads',
  statements: (named) => [
    // A list of stale rows begins at its first one, however few they are.
    `create index resource_row_stale_order on ${named('resource_row')} (scope_id, external_id)
      where stale_since is not null`,
    foldCase(named('fold_case')),
    `create function ${named('search_text')}(display_name text, email text, external_id text) returns text
      language sql immutable parallel safe
      return ${named('fold_case')}(display_name || E'\\x01' || coalesce(email, '') || E'\\x01' || external_id)`,
    ...listingFunctions(named),
    ...findingFunctions(named),
  ],
}

/**
 * Lower case by Unicode, whatever the locale of the database; a sigma is a sigma, so that the fold of a part is a
 * part of the fold. Chosen here for good: the search index is made of it.
 */
const foldCase = (name: string): string => `do $do$
  declare
    folding name;
  begin
    select c.collname into folding from pg_catalog.pg_collation c
      where c.collnamespace = 'pg_catalog'::regnamespace and c.collname in ('und-x-icu', 'pg_unicode_fast', 'default')
      order by array_position(array['und-x-icu', 'pg_unicode_fast', 'default']::name[], c.collname) limit 1;
    execute format($format$
      create function ${name}(given text) returns text language sql immutable parallel safe
      return replace(lower(given collate pg_catalog.%I), U&'\\03C2', U&'\\03C3') collate "C"
    $format$, folding);
  end
$do$`
