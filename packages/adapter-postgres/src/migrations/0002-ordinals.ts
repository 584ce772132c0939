import type { Migration } from './migration.ts'

/**
 * Rows get a small number within their scope, so that what a listing saw is a set of bits, and scopes count their
 * rows. Runs that are under way keep what they saw.
 */
export const ordinals: Migration = {
  version: 2,
  name: 'ordinals',
  statements: (named) => [
    `alter table ${named('resource_row')} add column ordinal int`,
    `update ${named('resource_row')} r set ordinal = n.ordinal
      from (select id, (row_number() over (partition by scope_id order by id) - 1)::int as ordinal
        from ${named('resource_row')}) n
      where n.id = r.id`,
    `alter table ${named('resource_row')} alter ordinal set not null,
      alter synced_at set default statement_timestamp(), alter created_at set default statement_timestamp()`,
    `alter table ${named('sync_scope')} add column next_ordinal int not null default 0,
      add column live_rows int not null default 0, add column stale_rows int not null default 0`,
    `update ${named('sync_scope')} s set next_ordinal = r.live + r.stale, live_rows = r.live, stale_rows = r.stale
      from (select scope_id, count(*) filter (where stale_since is null)::int as live,
          count(*) filter (where stale_since is not null)::int as stale
        from ${named('resource_row')} group by scope_id) r
      where r.scope_id = s.id`,
    `create table ${named('seen_part')} (
      scope_id int not null references ${named('sync_scope')} on delete cascade,
      generation int not null,
      page_number int not null,
      part int not null,
      kept boolean not null,
      ordinals int[] not null,
      excluded text[] not null default '{}',
      primary key (scope_id, generation, page_number, part)
    )`,
    // Compressing takes longer than writing.
    `alter table ${named('seen_part')} alter ordinals set storage external`,
    ...[
      { part: 0, kept: true, ids: 'resource_ids', excluded: 'p.excluded' },
      { part: 1, kept: false, ids: 'held_ids', excluded: `'{}'` },
    ].map(
      ({ part, kept, ids, excluded }) => `insert into ${named('seen_part')}
        select p.scope_id, p.generation, p.page_number, ${part}, ${kept}, array(
          select r.ordinal from ${named('resource_row')} r where r.id = any(p.${ids})), ${excluded}
        from ${named('seen_page')} p`,
    ),
    `drop table ${named('seen_page')}`,
    `alter table ${named('seen_part')} rename to seen_page`,
    `alter index ${named('seen_part_pkey')} rename to seen_page_pkey`,
    `alter table ${named('resource_change')} alter external_ids set storage external`,
  ],
}
