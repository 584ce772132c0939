import type { CredentialStore, CredentialSummary } from '@syncline/core'
import { sql } from 'kysely'
import { connectDatabase, type DatabaseOptions } from '../connect-database.ts'
import type { Database } from '../database.ts'
import { checkVersion } from '../schema-version.ts'
import type { Tables } from '../tables.ts'
import { interval } from '../values.ts'
import { ofCredential, selectCredentials, toCredential, toSummary } from './credential-row.ts'
import { type CredentialKeys, type KeyRing, keyRing } from './key-ring.ts'
import { newVersion, upsertVersion } from './write-credential.ts'

export type PostgresCredentialStoreOptions<HostTables = unknown> = DatabaseOptions<HostTables> & {
  readonly keys: CredentialKeys
}

/** A credential store, and what takes it off the host's database. */
export interface PostgresCredentialStore extends CredentialStore {
  /** Nothing of the host's is closed. */
  close(): Promise<void>
}

/**
 * Credentials in PostgreSQL or PGlite, encrypted before they leave this process: AES-256-GCM with a random data key for
 * every version, wrapped by a key of the host's. What is sealed is bound to tenant, reference and version, so that rows
 * cannot be swapped. The database sees names and times of values, never values. The schema is the store's, see
 * `migrate`; keep the key where the database and its backups are not.
 * @throws OPTIONS_INVALID
 */
export function postgresCredentialStore<HostTables = unknown>(
  options: PostgresCredentialStoreOptions<HostTables>,
): PostgresCredentialStore {
  const ring = keyRing(options.keys)
  const { database, tables, disconnect } = connectDatabase(options, checkVersion)
  const context = { database, tables, ring }
  return {
    ...keeping(context),
    ...refreshing(context),
    async close() {
      disconnect()
    },
  }
}

interface CredentialContext {
  readonly database: Database
  readonly tables: Tables
  readonly ring: KeyRing
}

function keeping(context: CredentialContext): Pick<CredentialStore, 'read' | 'list' | 'put' | 'remove'> {
  const { database, tables, ring } = context
  return {
    read: (id) =>
      database.read(async (session) => {
        const [row] = await selectCredentials(session, tables, ofCredential(id))
        return row && toCredential(ring, row)
      }),
    list: ({ tenantId = null, ref = null }) =>
      database.read(async (session) => {
        const rows = await selectCredentials(
          session,
          tables,
          sql`where tenant_id = coalesce(${tenantId}, tenant_id) and ref = coalesce(${ref}, ref)
            order by tenant_id, ref`,
        )
        return rows.map(toSummary)
      }),
    put: (id, input) =>
      database.write(async (session): Promise<CredentialSummary> => {
        const made = await newVersion(session, context, { ...id, ...input })
        await upsertVersion(session, tables, made)
        const { values, ...summary } = made.credential
        return { ...summary, names: Object.keys(values).toSorted() }
      }),
    remove: (id) =>
      database.read(async (session) => {
        const removed = await session.run(
          sql`delete from ${tables.credentials} ${ofCredential(id)} returning version`,
        )
        return removed.length > 0
      }),
  }
}

function refreshing(
  context: CredentialContext,
): Pick<CredentialStore, 'claimRefresh' | 'completeRefresh' | 'endRefresh'> {
  const { database, tables, ring } = context
  return {
    claimRefresh: ({ id, version, holder, leaseMs }) =>
      database.write(async (session) => {
        const [row] = await selectCredentials(session, tables, sql`${ofCredential(id)} for update`)
        if (!row) return { kind: 'missing' }
        if (row.version === version && row.state === 'active' && row.held) return { kind: 'held' }
        // Before anything is written: what cannot be read is not claimed.
        const credential = toCredential(ring, row)
        if (row.version !== version || row.state !== 'active') return { kind: 'settled', credential }
        await session.run(sql`update ${tables.credentials} set claim_holder = ${holder},
          claim_until = clock_timestamp() + ${interval(leaseMs)}, unended_claims = unended_claims + 1
          ${ofCredential(id)}`)
        return { kind: 'claimed', credential, unfinished: row.unendedClaims }
      }),
    completeRefresh: ({ id, version, values, expiresAt }) =>
      database.write(async (session) => {
        const [row] = await selectCredentials(session, tables, sql`${ofCredential(id)} for update`)
        if (row?.version !== version) return undefined
        const merged = { ...toCredential(ring, row).values, ...values }
        const made = await newVersion(session, context, { ...id, values: merged, expiresAt })
        await upsertVersion(session, tables, made)
        return made.credential
      }),
    endRefresh: ({ id, version, holder, outcome }) =>
      database.read(async (session) => {
        const ended = await session.run(sql`update ${tables.credentials}
          set claim_holder = null, claim_until = null, unended_claims = unended_claims - 1,
            state = case when ${outcome} = 'reauth_required' then 'reauth_required' else state end
          ${ofCredential(id)} and version = ${version}::bigint and claim_holder = ${holder} returning version`)
        return ended.length > 0
      }),
  }
}
