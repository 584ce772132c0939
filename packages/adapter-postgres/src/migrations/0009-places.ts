import { inOrderOnly } from './0004-listing.ts'
import type { Migration } from './migration.ts'

/** A numbered part of a list may be counted from any row whose number is known, not from its ends only. */
export const places: Migration = {
  version: 9,
  name: 'places',
  statements: (named) => [rowsBeyond(named), rowsAt(named)],
}

/**
 * Rows after the first `passed` ones behind a key (null: from the beginning; backwards: before, from the end). Live rows
 * are passed over by index too: as many entries as rows are missing, then as many as were stale among those, until none
 * were.
 */
const rowsBeyond = (named: (name: string) => string): string => `
create function ${named('rows_beyond')}(of_scope int, of_stale boolean, after_id text, passed bigint, taken bigint,
  backwards boolean)
returns setof ${named('resource_row')} language plpgsql stable rows 100 ${inOrderOnly} as $body$
declare
  missing bigint := passed;
  place text := after_id;
  next_place text;
begin
  if taken <= 0 then return; end if;
  while missing > 0 loop
    next_place := ${named('key_at')}(of_scope, nullif(of_stale, false), place, missing, backwards);
    if next_place is null then return; end if;
    missing := 0;
    if not of_stale then
      execute format('select count(*) from ${named('resource_row')} r
          where r.scope_id = $1 and ($2::text is null or r.external_id %s $2) and r.external_id %s $3
            and r.stale_since is not null',
        case when backwards then '<' else '>' end, case when backwards then '>=' else '<=' end)
        into missing using of_scope, place, next_place;
    end if;
    place := next_place;
  end loop;
  return query select * from ${named('rows_after')}(of_scope, of_stale, place, taken, backwards);
end $body$`

/** A numbered part of the `of_rows` rows there are, counted from the nearer end. */
const rowsAt = (named: (name: string) => string): string => `
create or replace function ${named('rows_at')}(of_scope int, of_stale boolean, of_rows bigint, passed bigint, taken bigint)
returns setof ${named('resource_row')} language plpgsql stable rows 100 ${inOrderOnly} as $body$
declare
  wanted bigint := least(taken, of_rows - passed);
  backwards boolean := passed > of_rows / 2;
begin
  return query select * from ${named('rows_beyond')}(of_scope, of_stale, null,
    case when backwards then of_rows - passed - wanted else passed end, wanted, backwards);
end $body$`
