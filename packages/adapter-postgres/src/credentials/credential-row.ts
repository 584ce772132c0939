import type { Credential, CredentialId, CredentialState, CredentialSummary } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import { readStrings } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { compact, exactText, guardedText, msOf, optionalDate } from '../values.ts'
import { type Envelope, open } from './envelope.ts'
import type { KeyRing } from './key-ring.ts'

/** One credential as the database answers it. */
export interface CredentialRow {
  readonly tenantId: string
  readonly ref: string
  readonly version: number
  readonly state: CredentialState
  readonly names: string
  readonly keyId: string
  readonly wrappedKey: string
  readonly sealed: string
  readonly expiresMs: number | null
  readonly savedMs: number
  readonly unendedClaims: number
  /** Someone may exchange it now. */
  readonly held: boolean
}

/** Bytes as Base64: no driver setting changes text. */
const columns = sql`${guardedText('tenant_id')} as "tenantId", ${guardedText('ref')} as ref,
  version::float8 as version, state, names::text as names, ${guardedText('key_id')} as "keyId",
  encode(wrapped_key, 'base64') as "wrappedKey", encode(sealed, 'base64') as sealed,
  ${msOf('expires_at')} as "expiresMs", ${msOf('saved_at')} as "savedMs", unended_claims as "unendedClaims",
  coalesce(claim_until > clock_timestamp(), false) as held`

/** `rest` begins with `where`. */
export const selectCredentials = (
  session: Session,
  tables: Tables,
  rest: RawBuilder<unknown>,
): Promise<readonly CredentialRow[]> =>
  session.run(sql<CredentialRow>`select ${columns} from ${tables.credentials} ${rest}`)

export const ofCredential = ({ tenantId, ref }: CredentialId): RawBuilder<unknown> =>
  sql`where tenant_id = ${tenantId} and ref = ${ref}`

export const envelopeOf = (row: CredentialRow): Envelope => ({
  keyId: exactText(row.keyId),
  wrappedKey: Buffer.from(row.wrappedKey, 'base64'),
  sealed: Buffer.from(row.sealed, 'base64'),
})

/** @throws CREDENTIAL_UNREADABLE */
export function toCredential(ring: KeyRing, row: CredentialRow): Credential {
  const { names: _, ...rest } = toSummary(row)
  return { ...rest, values: open(ring, rest, envelopeOf(row)) }
}

export const toSummary = (row: CredentialRow): CredentialSummary =>
  compact<CredentialSummary>({
    tenantId: exactText(row.tenantId),
    ref: exactText(row.ref),
    version: row.version,
    state: row.state,
    expiresAt: optionalDate(row.expiresMs),
    savedAt: new Date(row.savedMs),
    names: readStrings(row.names),
  })
