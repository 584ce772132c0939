import type { Credential } from '../model/credential.ts'
import type { Clock } from '../ports/clock.ts'

/** How old what is handed out may be. */
const cacheMs = 300_000

/** The newest version this process has seen of one credential, for five minutes. */
export interface CredentialCache {
  /** What is kept, else what the store says; asked once for those who ask at the same time. */
  get(): Promise<Credential>
  /** What is kept and still good. */
  peek(): Credential | undefined
  keep(credential: Credential): void
  /** The next `get` asks the store, also when someone is asking it now. */
  forget(): void
}

export function createCredentialCache(clock: Clock, read: () => Promise<Credential>): CredentialCache {
  let kept: { readonly credential: Credential; readonly until: number } | undefined
  let reading: Promise<Credential> | undefined
  const nowMs = (): number => clock.now().getTime()
  const peek = (): Credential | undefined => (kept && nowMs() < kept.until ? kept.credential : undefined)
  const keep = (credential: Credential): void => {
    // A slow read must not put an older version back.
    if (kept && kept.credential.version > credential.version) return
    kept = { credential, until: nowMs() + cacheMs }
  }
  return {
    peek,
    keep,
    forget() {
      kept = undefined
      reading = undefined
    },
    async get() {
      const good = peek()
      if (good) return good
      const mine = reading ?? read()
      reading = mine
      try {
        const credential = await mine
        // Asked before a `forget`, it is good enough for those who asked then, but not to be kept.
        if (reading === mine) keep(credential)
        return credential
      } finally {
        if (reading === mine) reading = undefined
      }
    },
  }
}
