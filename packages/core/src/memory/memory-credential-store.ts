import type { Clock } from '../ports/clock.ts'
import type { CredentialStore } from '../ports/credential-store.ts'
import { systemClock } from '../time/system-clock.ts'
import { credentialStoreIn, type StoredCredentials } from './credential-cell.ts'

/** Credentials that live and die with the process: for tests, and as the executable specification of the port. */
export function memoryCredentialStore(options: { readonly clock?: Clock | undefined } = {}): CredentialStore {
  const clock = options.clock ?? systemClock
  const stored: StoredCredentials = { lastVersion: 0, byKey: new Map() }
  return credentialStoreIn({
    now: () => clock.now(),
    look: async (step) => step(stored),
    change: async (step) => step(stored),
  })
}
