import type { Credential, CredentialId, CredentialSummary } from '../model/credential.ts'
import type { CredentialStore, RefreshHolder } from '../ports/credential-store.ts'
import { compareCodePoints } from './compare-code-points.ts'
import { copyOf } from './memory-state.ts'

/** One credential with its claim. Replaced as a whole, never changed. */
export interface StoredCredential {
  readonly credential: Credential
  readonly claim?: { readonly holder: string; readonly until: Date } | undefined
  /** Claims of this version that have not ended, a live one included. */
  readonly unended: number
}

/** All credentials of a store. */
export interface StoredCredentials {
  lastVersion: number
  /** By `credentialKey`. */
  readonly byKey: Map<string, StoredCredential>
}

/** Where a store keeps its credentials as one piece. */
export interface CredentialCell {
  /** The time claims go by. */
  now(): Date
  look<Answer>(step: (stored: StoredCredentials) => Answer): Promise<Answer>
  /** Keeps what `step` changed: all of it or, when it throws, nothing; nobody else changes anything meanwhile. */
  change<Answer>(step: (stored: StoredCredentials) => Answer): Promise<Answer>
}

export const credentialKey = ({ tenantId, ref }: CredentialId): string => JSON.stringify([tenantId, ref])

/** The rules of the port, over credentials that are kept as one piece. */
export function credentialStoreIn(cell: CredentialCell): CredentialStore {
  return {
    read: (id) =>
      cell.look(({ byKey }) => {
        const found = byKey.get(credentialKey(id))
        return found && copyOf(found.credential)
      }),
    list: ({ tenantId, ref }) =>
      cell.look(({ byKey }) =>
        [...byKey.values()]
          .map(({ credential }) => credential)
          .filter((one) => (tenantId ?? one.tenantId) === one.tenantId && (ref ?? one.ref) === one.ref)
          .toSorted((a, b) => compareCodePoints(a.tenantId, b.tenantId) || compareCodePoints(a.ref, b.ref))
          .map(summaryOf),
      ),
    put: (id, input) =>
      cell.change((stored) => summaryOf(write(stored, { ...id, ...input, savedAt: cell.now() }))),
    remove: (id) => cell.change(({ byKey }) => byKey.delete(credentialKey(id))),
    claimRefresh: (request) => cell.change((stored) => claim(stored, request, cell.now())),
    completeRefresh: ({ id, version, values, expiresAt }) =>
      cell.change((stored) => {
        const found = stored.byKey.get(credentialKey(id))
        if (found?.credential.version !== version) return undefined
        const merged = { ...found.credential.values, ...values }
        return write(stored, { ...id, values: merged, expiresAt, savedAt: cell.now() })
      }),
    endRefresh: (request) => cell.change((stored) => end(stored, request)),
  }
}

function write(stored: StoredCredentials, made: Omit<Credential, 'version' | 'state'>): Credential {
  stored.lastVersion += 1
  const { tenantId, ref, values, expiresAt, savedAt } = made
  const credential = copyOf<Credential>({
    tenantId,
    ref,
    version: stored.lastVersion,
    values,
    expiresAt,
    state: 'active',
    savedAt,
  })
  stored.byKey.set(credentialKey(made), { credential, unended: 0 })
  return copyOf(credential)
}

function claim(
  { byKey }: StoredCredentials,
  { id, version, holder, leaseMs }: Parameters<CredentialStore['claimRefresh']>[0],
  now: Date,
): Awaited<ReturnType<CredentialStore['claimRefresh']>> {
  const found = byKey.get(credentialKey(id))
  if (!found) return { kind: 'missing' }
  const credential = copyOf(found.credential)
  if (credential.version !== version || credential.state !== 'active') return { kind: 'settled', credential }
  if (found.claim && now < found.claim.until) return { kind: 'held' }
  byKey.set(credentialKey(id), {
    credential: found.credential,
    claim: { holder, until: new Date(now.getTime() + leaseMs) },
    unended: found.unended + 1,
  })
  return { kind: 'claimed', credential, unfinished: found.unended }
}

function end(
  { byKey }: StoredCredentials,
  { id, version, holder, outcome }: RefreshHolder & { readonly outcome: 'released' | 'reauth_required' },
): boolean {
  const found = byKey.get(credentialKey(id))
  if (found?.credential.version !== version || found.claim?.holder !== holder) return false
  const state = outcome === 'released' ? found.credential.state : outcome
  byKey.set(credentialKey(id), { credential: { ...found.credential, state }, unended: found.unended - 1 })
  return true
}

function summaryOf({ values, ...rest }: Credential): CredentialSummary {
  return { ...copyOf(rest), names: Object.keys(values).toSorted() }
}
