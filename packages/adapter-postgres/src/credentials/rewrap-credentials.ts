import { type CredentialId, isSyncError } from '@syncline/core'
import { sql } from 'kysely'
import { connectDatabase } from '../connect-database.ts'
import type { Database } from '../database.ts'
import { checkVersion } from '../schema-version.ts'
import type { Tables } from '../tables.ts'
import {
  type CredentialRow,
  envelopeOf,
  ofCredential,
  selectCredentials,
  toSummary,
} from './credential-row.ts'
import { rewrap } from './envelope.ts'
import { type KeyRing, keyRing } from './key-ring.ts'
import type { PostgresCredentialStoreOptions } from './postgres-credential-store.ts'
import { bytes } from './write-credential.ts'

/** What a rewrap did. */
export interface RewrapReport {
  /** Credentials that the current key wraps now and did not before. */
  readonly rewrapped: number
  /** Credentials that none of the given keys opens; they were left as they are. */
  readonly unreadable: readonly (CredentialId & { readonly keyId: string })[]
}

const batchSize = 100

/**
 * Wraps every data key with the current key, so that retired keys can be thrown away: once nothing is `unreadable`,
 * no row needs them. Values and versions stay. First give the new key to every process, as `current` with the old one
 * `retired`; a process that still writes with the old key would add to what it wraps. Safe to repeat and to run beside
 * everything else.
 * @throws OPTIONS_INVALID, STORE_UNAVAILABLE, SCHEMA_OUTDATED
 */
export async function rewrapCredentials<HostTables = unknown>(
  options: PostgresCredentialStoreOptions<HostTables>,
): Promise<RewrapReport> {
  const ring = keyRing(options.keys)
  const { database, tables, disconnect } = connectDatabase(options, checkVersion)
  const unreadable: (CredentialId & { readonly keyId: string })[] = []
  let rewrapped = 0
  let after: CredentialId = { tenantId: '', ref: '' }
  try {
    for (;;) {
      const rows = await rowsAfter(database, { tables, ring, after })
      for (const row of rows) {
        const { tenantId, ref } = toSummary(row)
        after = { tenantId, ref }
        const done = await rewrapOne(database, { tables, ring, id: after })
        if (done === 'unreadable') unreadable.push({ ...after, keyId: envelopeOf(row).keyId })
        if (done === 'rewrapped') rewrapped += 1
      }
      if (rows.length < batchSize) return { rewrapped, unreadable }
    }
  } finally {
    disconnect()
  }
}

interface Rewrapping {
  readonly tables: Tables
  readonly ring: KeyRing
}

const rowsAfter = (
  database: Database,
  { tables, ring, after }: Rewrapping & { readonly after: CredentialId },
): Promise<readonly CredentialRow[]> =>
  database.read((session) =>
    selectCredentials(
      session,
      tables,
      sql`where key_id <> ${ring.current.id} and (tenant_id, ref) > (${after.tenantId}, ${after.ref})
        order by tenant_id, ref limit ${batchSize}::int`,
    ),
  )

/** A transaction of its own: a refresh waits for one row at most. */
const rewrapOne = (
  database: Database,
  { tables, ring, id }: Rewrapping & { readonly id: CredentialId },
): Promise<'rewrapped' | 'unreadable' | 'gone'> =>
  database.write(async (session) => {
    const [row] = await selectCredentials(session, tables, sql`${ofCredential(id)} for update`)
    if (!row || envelopeOf(row).keyId === ring.current.id) return 'gone'
    try {
      const { keyId, wrappedKey } = rewrap(ring, toSummary(row), envelopeOf(row))
      await session.run(sql`update ${tables.credentials}
        set key_id = ${keyId}, wrapped_key = ${bytes(wrappedKey)} ${ofCredential(id)}`)
      return 'rewrapped'
    } catch (error) {
      if (isSyncError(error, 'CREDENTIAL_UNREADABLE')) return 'unreadable'
      throw error
    }
  })
