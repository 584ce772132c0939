/** Along the unique index and in no other way, as lists are. */
const walking = `set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
  set jit = off set search_path = pg_catalog, pg_temp`

/** By the search index: the one index that knows `scope_id + 0`. */
const byIndex = `set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off
  set enable_bitmapscan = on set enable_sort = on set jit = off set search_path = pg_catalog, pg_temp`

type Named = (name: string) => string

const searchedText = (named: Named): string =>
  `${named('search_text')}(r.display_name, r.email, r.external_id) collate "C"`

/** Rows whose searched text is like a pattern, by two ways and by both. */
export const findingFunctions = (named: Named): readonly string[] => [
  condition(named),
  walked(named),
  walkedCount(named),
  indexedPart(named),
  indexed(named),
  indexedCount(named),
  isIndexed(named),
  rowsToWalkOn(named),
  findMatches(named),
  countMatches(named),
]

/**
 * What a row `r` must be, as text, where the pattern is $2. The searched text is three fields with U+0001 between
 * them; a pattern that holds one could be met across fields and is asked of each.
 */
const condition = (named: Named): string => `
create function ${named('match_condition')}(of_stale boolean, pattern text) returns text language sql immutable
return ${foldedCondition(named)} || ${stateCondition}`

export const foldedCondition = (named: Named): string => `'${searchedText(named)} like $2'
  || case when strpos(pattern, E'\\x01') > 0 then ' and (${named('fold_case')}(r.display_name) collate "C" like $2
      or ${named('fold_case')}(r.email) collate "C" like $2 or ${named('fold_case')}(r.external_id) collate "C" like $2)'
    else '' end`

export const stateCondition = `case when of_stale then ' and r.stale_since is not null'
  when not of_stale then ' and r.stale_since is null' else '' end`

const walkedPart = (named: Named): string => `${named('resource_row')} r
  where r.scope_id = $1 and r.external_id > $3 and ($4::text is null or r.external_id <= $4) and %s`

/** The first matches after one key, up to another. */
const walked = (named: Named): string => `
create function ${named('matches_walked')}(of_scope int, of_stale boolean, pattern text, after_id text,
  until_id text, taken bigint)
returns setof ${named('resource_row')} language plpgsql stable rows 100 ${walking} as $body$
begin
  return query execute format('select r.* from ${walkedPart(named)} order by r.external_id limit $5',
    ${named('match_condition')}(of_stale, pattern)) using of_scope, pattern, after_id, until_id, taken;
end $body$`

const walkedCount = (named: Named): string => `
create function ${named('matches_walked_count')}(of_scope int, of_stale boolean, pattern text, after_id text,
  until_id text, up_to bigint)
returns bigint language plpgsql stable ${walking} as $body$
declare
  found_rows bigint;
begin
  execute format('select count(*) from (select 1 from ${walkedPart(named)} order by r.external_id limit $5) m',
    ${named('match_condition')}(of_stale, pattern))
    into found_rows using of_scope, pattern, after_id, until_id, up_to;
  return found_rows;
end $body$`

/** `offset 0` keeps the rest from the planner: what it could use another index for. */
const indexedRows = (named: Named): string => `(select r.* from ${named('resource_row')} r
  where r.scope_id + 0 = $1 and ${searchedText(named)} like $5 offset 0) r
  where r.external_id > $3 and %s`

/**
 * What the search index is asked: the word that fewest of the first rows have, with the signs around it. The index
 * looks up every three letters of what it is asked, and those of a frequent word cost more than they tell. Signs are
 * doubled, so that two words share one; a word must leave three places to look up, a sign before it counting two.
 */
const indexedPart = (named: Named): string => `
create function ${named('indexed_part')}(of_scope int, pattern text)
returns text language plpgsql stable ${walking} as $body$
declare
  sign constant text := '[^[:alnum:]%_\\\\]';
  words text[] := array(select m.word[1] from regexp_matches(
      regexp_replace(pattern collate pg_catalog."default", '(' || sign || ')', '\\1\\1', 'g'),
      '(' || sign || '?[[:alnum:]]+' || sign || '?)', 'g') with ordinality m(word, place)
    where m.word[1] ~ '[[:alnum:]]{3}|^[^[:alnum:]]|[[:alnum:]]{2}[^[:alnum:]]' order by m.place limit 8);
begin
  if cardinality(words) < 2 then return pattern; end if;
  return (select '%' || w.word || '%' from unnest(words) w(word) order by (
      select count(*) from (select * from ${named('resource_row')} r
        where r.scope_id = of_scope order by r.external_id limit 50) r
      where ${searchedText(named)} like '%' || w.word || '%'
    ), char_length(w.word) desc limit 1);
end $body$`

/** The first matches after a key, of all that the search index knows. */
const indexed = (named: Named): string => `
create function ${named('matches_indexed')}(of_scope int, of_stale boolean, pattern text, after_id text, taken bigint)
returns setof ${named('resource_row')} language plpgsql stable rows 100 ${byIndex} as $body$
begin
  return query execute format('select r.* from ${indexedRows(named)} order by r.external_id limit $4',
    ${named('match_condition')}(of_stale, pattern)) using of_scope, pattern, after_id, taken,
      ${named('indexed_part')}(of_scope, pattern);
end $body$`

const indexedCount = (named: Named): string => `
create function ${named('matches_indexed_count')}(of_scope int, of_stale boolean, pattern text, after_id text,
  up_to bigint)
returns bigint language plpgsql stable ${byIndex} as $body$
declare
  found_rows bigint;
begin
  execute format('select count(*) from (select 1 from ${indexedRows(named)} limit $4) m',
    ${named('match_condition')}(of_stale, pattern)) into found_rows using of_scope, pattern, after_id, up_to,
      ${named('indexed_part')}(of_scope, pattern);
  return found_rows;
end $body$`

/** The index knows groups of three letters or digits; what those are is the database's locale to say. */
const isIndexed = (named: Named): string => `
create function ${named('is_indexed')}(pattern text) returns boolean language sql stable
return pattern collate pg_catalog."default" ~ '[[:alnum:]]{3}' and exists (select from pg_catalog.pg_index i
  where i.indexrelid = to_regclass('${named('resource_row_search')}') and i.indisvalid)`

/**
 * How many more rows to walk for what is missing, told by the rows walked so far; 0 when the index is cheaper. A term
 * that one row in n has takes n rows to walk for each match. The index reads what has the term, at the price of
 * `indexed_cost` walked rows each, and only then orders and cuts. Twice the estimate: matches come in clusters.
 */
const rowsToWalkOn = (named: Named): string => `
create function ${named('rows_to_walk_on')}(of_scope int, walked bigint, found_rows bigint, missing bigint,
  indexed_cost float8)
returns bigint language sql stable
return (select case when found_rows > 0 and missing::float8 * walked / found_rows
      < found_rows::float8 / walked * (s.live_rows + s.stale_rows) * indexed_cost
    then ceil(2 * missing::float8 * walked / found_rows)::bigint else 0 end
  from ${named('sync_scope')} s where s.id = of_scope)`

/** The first matches after a key: a short walk, then the cheaper way. Without an index there is only walking. */
const findMatches = (named: Named): string => `
create function ${named('find_matches')}(of_scope int, of_stale boolean, pattern text, after_id text, taken bigint,
  walk bigint)
returns setof ${named('resource_row')} language plpgsql stable rows 100 set search_path = pg_catalog, pg_temp as $body$
declare
  of_keys boolean := nullif(of_stale, false);
  from_id text := coalesce(after_id, '');
  until_id text;
  missing bigint := taken;
  found_rows bigint;
  step bigint := walk;
begin
  if not ${named('is_indexed')}(pattern) then
    return query select * from ${named('matches_walked')}(of_scope, of_stale, pattern, from_id, null, taken);
    return;
  end if;
  for part in 1..2 loop
    until_id := ${named('key_at')}(of_scope, of_keys, from_id, step, false);
    return query select * from ${named('matches_walked')}(of_scope, of_stale, pattern, from_id, until_id, missing);
    get diagnostics found_rows = row_count;
    missing := missing - found_rows;
    if until_id is null or missing <= 0 then return; end if;
    from_id := until_id;
    exit when part = 2;
    step := ${named('rows_to_walk_on')}(of_scope, walk, found_rows, missing, 1);
    exit when step = 0;
  end loop;
  return query select * from ${named('matches_indexed')}(of_scope, of_stale, pattern, from_id, missing);
end $body$`

/**
 * The number of matches; counting stops at `up_to`, null for never. Matches are not ordered here, so the index
 * reads rows only up to that number, and of the others only their places: ten for the price of one row.
 */
const countMatches = (named: Named): string => `
create function ${named('count_matches')}(of_scope int, of_stale boolean, pattern text, up_to bigint, walk bigint)
returns bigint language plpgsql stable set search_path = pg_catalog, pg_temp as $body$
declare
  of_keys boolean := nullif(of_stale, false);
  from_id text := '';
  until_id text;
  counted bigint := 0;
  found_rows bigint;
  step bigint := walk;
begin
  if not ${named('is_indexed')}(pattern) then
    return ${named('matches_walked_count')}(of_scope, of_stale, pattern, '', null, up_to);
  end if;
  -- A whole count sees every match in any case.
  for part in 1..2 loop
    exit when up_to is null;
    until_id := ${named('key_at')}(of_scope, of_keys, from_id, step, false);
    found_rows := ${named('matches_walked_count')}(of_scope, of_stale, pattern, from_id, until_id, up_to - counted);
    counted := counted + found_rows;
    if until_id is null or counted >= up_to then return counted; end if;
    from_id := until_id;
    exit when part = 2;
    step := ${named('rows_to_walk_on')}(of_scope, walk, found_rows, up_to - counted, 0.1);
    exit when step = 0;
  end loop;
  return counted
    + ${named('matches_indexed_count')}(of_scope, of_stale, pattern, from_id, up_to - counted);
end $body$`
