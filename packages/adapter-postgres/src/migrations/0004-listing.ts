/** Rows are read along an index and in no other way; compiling a plan would take longer than running it. */
export const inOrderOnly = `set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
  set jit = off set search_path = pg_catalog, pg_temp`

/** What a row `r` must be, as text: `of_stale` null for both. */
const stateCondition = `case when of_stale then 'r.stale_since is not null'
  when not of_stale then 'r.stale_since is null' else 'true' end`

/** Parts of a scope in order: by key, by number, from either end. */
export const listingFunctions = (named: (name: string) => string): readonly string[] => [
  keyAt(named),
  rowsAfter(named),
  rowsAt(named),
]

/**
 * The key of the `passed`-th entry after a key (null: from the beginning; backwards: before, from the end), null when
 * there are not so many. Reads the index alone once the table was vacuumed, so there is no looking at live ones.
 */
const keyAt = (named: (name: string) => string): string => `
create function ${named('key_at')}(of_scope int, of_stale boolean, after_id text, passed bigint, backwards boolean)
returns text language plpgsql stable ${inOrderOnly} as $body$
declare
  found_id text;
begin
  execute format('select r.external_id from ${named('resource_row')} r
      where r.scope_id = $1 and ($2::text is null or r.external_id %s $2) and %s
      order by r.external_id %s limit 1 offset $3',
    case when backwards then '<' else '>' end, ${stateCondition}, case when backwards then 'desc' else 'asc' end)
    into found_id using of_scope, after_id, passed - 1;
  return found_id;
end $body$`

const rowsAfter = (named: (name: string) => string): string => `
create function ${named('rows_after')}(of_scope int, of_stale boolean, after_id text, taken bigint, backwards boolean)
returns setof ${named('resource_row')} language plpgsql stable rows 100 ${inOrderOnly} as $body$
begin
  return query execute format('select r.* from ${named('resource_row')} r
      where r.scope_id = $1 and ($2::text is null or r.external_id %s $2) and %s
      order by r.external_id %s limit $3',
    case when backwards then '<' else '>' end, ${stateCondition}, case when backwards then 'desc' else 'asc' end)
    using of_scope, after_id, taken;
end $body$`

/**
 * A numbered part of the `of_rows` rows there are, counted from the nearer end. Live rows are passed over by index
 * too: as many entries as rows are missing, then as many as were stale among those, until none were.
 */
const rowsAt = (named: (name: string) => string): string => `
create function ${named('rows_at')}(of_scope int, of_stale boolean, of_rows bigint, passed bigint, taken bigint)
returns setof ${named('resource_row')} language plpgsql stable rows 100 ${inOrderOnly} as $body$
declare
  wanted bigint := least(taken, of_rows - passed);
  backwards boolean := passed > of_rows / 2;
  missing bigint := case when backwards then of_rows - passed - wanted else passed end;
  place text;
  next_place text;
begin
  if wanted <= 0 then return; end if;
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
  return query select * from ${named('rows_after')}(of_scope, of_stale, place, wanted, backwards);
end $body$`
