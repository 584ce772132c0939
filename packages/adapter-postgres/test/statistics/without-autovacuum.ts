/** Statistics of no table are ever taken by the server itself. */
export const withoutAutovacuum = `do $$ declare t name; begin
  for t in select relname from pg_class c where relnamespace = 'syncline'::regnamespace and relkind = 'r' loop
    execute format('alter table syncline.%I set (autovacuum_enabled = off)', t);
  end loop; end $$`
