import { foldedCondition, stateCondition } from './0004-finding.ts'
import type { Migration } from './migration.ts'

/**
 * Nearly all that is searched for is ASCII, and finds the same in texts of which only the letters of ASCII were folded:
 * a third of the work for each row. Not so K and I, which the Kelvin sign and the capital I with a dot fold to.
 * (Unicode, SpecialCasing.txt and UnicodeData.txt)
 */
export const plainSearches: Migration = {
  version: 11,
  name: 'plain searches',
  statements: (named) => [
    `create or replace function ${named('match_condition')}(of_stale boolean, pattern text) returns text
      language sql immutable
      return case when pattern ~ '^[\\x02-\\x7e]*$' and pattern !~* '[ik]'
        then 'lower((r.display_name || E''\\x01'' || coalesce(r.email, '''') || E''\\x01'' || r.external_id)
          collate pg_catalog."C") collate "C" like $2'
        else ${foldedCondition(named)} end || ${stateCondition}`,
    // Nothing is known of how many rows have a term, and to start workers takes longer than most walks.
    ...['matches_walked', 'matches_walked_count'].map(
      (walk) => `alter function ${named(walk)}(int, boolean, text, text, text, bigint)
        set max_parallel_workers_per_gather = 0`,
    ),
  ],
}
