import type { Credential, CredentialId, CredentialValues } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import { compact, instant, msOf, possibleInstant } from '../values.ts'
import { type Envelope, seal } from './envelope.ts'
import type { KeyRing } from './key-ring.ts'

/** A new version, sealed and ready to be written. */
export interface NewVersion {
  readonly credential: Credential
  readonly envelope: Envelope
}

/** Draws a version and seals the values for it. */
export async function newVersion(
  session: Session,
  { tables, ring }: { readonly tables: Tables; readonly ring: KeyRing },
  { tenantId, ref, values, expiresAt }: CredentialId & CredentialValues,
): Promise<NewVersion> {
  const sequence = `"${tables.schema}"."credential_version"`
  const [drawn] = await session.run(sql<{ version: number; nowMs: number }>`
    select nextval(${sequence}::text::regclass)::float8 as version, ${msOf('now')} as "nowMs"
    from date_trunc('milliseconds', clock_timestamp()) as now`)
  if (!drawn) throw new Error('A sequence answered nothing')
  const { version, nowMs } = drawn
  const savedAt = new Date(nowMs)
  const credential = compact<Credential>({
    tenantId,
    ref,
    version,
    values: { ...values },
    // Tokens are kept whatever is said about how long they last.
    expiresAt: possibleInstant(expiresAt),
    state: 'active',
    savedAt,
  })
  return { credential, envelope: seal(ring, credential, values) }
}

/** Inserts or replaces a row, unless one with a higher version is there: that one was put later. */
export async function upsertVersion(session: Session, tables: Tables, made: NewVersion): Promise<void> {
  const { tenantId, ref, version, values, expiresAt, savedAt } = made.credential
  const { keyId, wrappedKey, sealed } = made.envelope
  await session.run(sql`insert into ${tables.credentials} as kept
    (tenant_id, ref, version, state, names, key_id, wrapped_key, sealed, expires_at, saved_at)
    values (${tenantId}, ${ref}, ${version}::bigint, 'active', ${namesOf(values)}::jsonb, ${keyId},
      ${bytes(wrappedKey)}, ${bytes(sealed)}, ${instant(expiresAt)}, ${instant(savedAt)})
    on conflict (tenant_id, ref) do update set version = excluded.version, state = excluded.state,
      names = excluded.names, key_id = excluded.key_id, wrapped_key = excluded.wrapped_key,
      sealed = excluded.sealed, expires_at = excluded.expires_at, saved_at = excluded.saved_at,
      claim_holder = null, claim_until = null, unended_claims = 0
    where kept.version < excluded.version`)
}

export const bytes = (value: Buffer): RawBuilder<unknown> =>
  sql`decode(${value.toString('base64')}, 'base64')`

const namesOf = (values: CredentialValues['values']): string => JSON.stringify(Object.keys(values).toSorted())
