import type { UserTable } from '@syncline/adapter-postgres'

/**
 * Tables as a host has them: ids, statuses and types of its own, a unique index on e-mails in lower case, a column
 * that must be given, and a view over it all.
 */
export const hostSchema: readonly string[] = [
  'create schema app',
  `create type app.standing as enum ('enabled', 'invited', 'closed', 'locked')`,
  `create table app."Account" (
    "accountId" uuid primary key default gen_random_uuid(),
    tenant int not null,
    mail varchar(320),
    "fullName" text,
    subject text,
    standing app.standing not null default 'enabled'
  )`,
  'create unique index on app."Account" (tenant, lower(mail))',
  `create table app.identity (account uuid references app."Account" on delete cascade, provider text, person text)`,
  `create view app.v_user as select a."accountId" as id, a.mail as email, a.subject as sub, a.standing as status,
      i.provider as upstream_issuer, i.person as upstream_id
    from app."Account" a left join app.identity i on i.account = a."accountId" where a.tenant = 7`,
]

export const hostUsers: UserTable = {
  source: { schema: 'app', name: 'v_user' },
  target: { schema: 'app', name: 'Account' },
  columns: {
    id: 'id',
    email: 'email',
    sub: 'sub',
    upstreamId: 'upstream_id',
    upstreamIssuer: 'upstream_issuer',
    status: 'status',
  },
  targetColumns: { id: 'accountId', email: 'mail', status: 'standing', displayName: 'fullName' },
  statuses: { active: ['enabled', 'locked'], unconfirmed: ['invited'], deactivated: ['closed'] },
  created: { tenant: '7' },
}
