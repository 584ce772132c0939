import type { Migration } from './migration.ts'

/** Secrets, sealed by this package before they are sent. Versions come from a sequence: none is ever used twice. */
export const credentials: Migration = {
  version: 3,
  name: 'credentials',
  statements: (named) => [
    `create sequence ${named('credential_version')}`,
    `create table ${named('credential')} (
      tenant_id text collate "C" not null,
      ref text collate "C" not null,
      version bigint not null,
      state text not null,
      names jsonb not null,
      key_id text not null,
      wrapped_key bytea not null,
      sealed bytea not null,
      expires_at timestamptz,
      saved_at timestamptz not null,
      claim_holder text,
      claim_until timestamptz,
      unended_claims int not null default 0,
      primary key (tenant_id, ref)
    )`,
  ],
}
