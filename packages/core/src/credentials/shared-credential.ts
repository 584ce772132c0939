import type { Credential, CredentialId } from '../model/credential.ts'
import type { CredentialExchange } from '../ports/credential-access.ts'
import { createCredentialCache } from './credential-cache.ts'
import { credentialNotFound } from './credential-errors.ts'
import { type RefreshContext, refreshCredential, usable } from './refresh-credential.ts'

/** One credential as all runs of a process share it: read once, refreshed once. */
export interface SharedCredential {
  get(): Promise<Credential>
  refresh(staleVersion: number, exchange: CredentialExchange): Promise<Credential>
  /** The next `get` asks the store. */
  forget(): void
  /** A refresh is under way. */
  busy(): boolean
  /** Resolves when none is. */
  settled(): Promise<void>
}

export function shareCredential(context: RefreshContext, id: CredentialId): SharedCredential {
  const cache = createCredentialCache(context.clock, async () => {
    const stored = await context.store.read(id)
    if (!stored) throw credentialNotFound(id)
    context.learn(stored.values)
    return usable(stored)
  })
  /** By the version they replace. */
  const refreshing = new Map<number, Promise<Credential>>()

  const refreshNow = async (staleVersion: number, exchange: CredentialExchange): Promise<Credential> => {
    try {
      const credential = await refreshCredential(context, { id, staleVersion, exchange })
      context.learn(credential.values)
      cache.keep(credential)
      return credential
    } catch (error) {
      cache.forget()
      throw error
    } finally {
      refreshing.delete(staleVersion)
    }
  }
  return {
    get: () => cache.get(),
    forget: () => cache.forget(),
    async refresh(staleVersion, exchange) {
      const newest = cache.peek()
      if (newest && newest.version > staleVersion) return newest
      const going = refreshing.get(staleVersion) ?? refreshNow(staleVersion, exchange)
      refreshing.set(staleVersion, going)
      return going
    },
    busy: () => refreshing.size > 0,
    async settled() {
      await Promise.allSettled(refreshing.values())
    },
  }
}
