import type { HostKind } from './host-kinds.ts'

/**
 * Statements that keep an eye on a host's tables: every write of a user or a profile is noted in the transaction that
 * makes it; whoever deactivates a user that a live resource leads to, or a break-glass account, is noted as wrong.
 * `watch.inbox` is where a workflow engine keeps what it was handed, repeated deliveries included.
 */
export const watchStatements = ({ written }: HostKind): readonly string[] => {
  const { users, id, email, status, statuses, profiles } = written
  return [
    'create schema watch',
    `create table watch.written (ordinal bigint generated always as identity, what text not null, was jsonb,
      became jsonb not null)`,
    'create table watch.wrong (ordinal bigint generated always as identity, what text not null, who text)',
    `create table watch.inbox (ordinal bigint generated always as identity, idempotency_key text not null,
      payload json not null)`,
    `create function watch.note() returns trigger language plpgsql as $$ begin
      insert into watch.written (what, was, became)
        values (tg_argv[0], case when tg_op = 'UPDATE' then to_jsonb(old) end, to_jsonb(new));
      return null; end $$`,
    `create trigger watched after insert or update on ${users} for each row execute function watch.note('user')`,
    `create trigger watched after insert or update on ${profiles} for each row execute function watch.note('profile')`,
    `create function watch.judge() returns trigger language plpgsql as $$ begin
      if new."${status}"::text = '${statuses.deactivated}' and old."${status}"::text <> '${statuses.deactivated}' then
        insert into watch.wrong (what, who) select 'deactivated while ' || m.external_id || ' is live', new."${email}"
          from syncline.connector_sync_match m join syncline.connector_resource r
            on r.connector_id = m.connector_id and r.resource_type = m.resource_type and r.external_id = m.external_id
          where m.user_id = new."${id}"::text and r.stale_since is null;
        if new."${email}" like 'glass%' then
          insert into watch.wrong (what, who) values ('deactivated although exempt', new."${email}");
        end if;
      end if;
      return null; end $$`,
    `create trigger judged after update on ${users} for each row execute function watch.judge()`,
  ]
}
