import { SyncError } from '../errors.ts'
import type { CredentialId } from '../model/credential.ts'
import type { SyncEvent } from '../model/event.ts'
import type { Clock } from '../ports/clock.ts'
import type { CredentialAccess } from '../ports/credential-access.ts'
import type { CredentialStore } from '../ports/credential-store.ts'
import type { Logger } from '../ports/logger.ts'
import { createRedactor, type Redactor, redactingLogger } from './redactor.ts'
import { type RefreshAhead, refreshAhead } from './refresh-ahead.ts'
import { type SharedCredential, shareCredential } from './shared-credential.ts'

/** A credential in the hands of one run or check. */
interface OpenCredential {
  readonly access: CredentialAccess
  /** Knows every value that was read or refreshed. */
  readonly redactor: Redactor
  /** Must be called at the end. */
  close(): void
}

/** All credentials as this process knows them; made once by `createSyncline`. */
export interface CredentialKeeper {
  open(id: CredentialId): OpenCredential
  /** Someone saved or removed it. */
  forget(id: CredentialId): void
  /** Resolves when no refresh is under way: what upstream has handed out is saved. */
  settled(): Promise<void>
}

export interface KeeperContext {
  readonly store: CredentialStore | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly createHolder: () => string
  readonly logger: Logger
  /** Syncline is being stopped. */
  readonly stopping: AbortSignal
  readonly emit: (event: SyncEvent) => void
}

/** Credentials that no run uses are remembered for the cache only. */
const maxEntries = 1_000

interface Entry {
  readonly shared: SharedCredential
  readonly ahead: RefreshAhead
  readonly redactor: Redactor
  users: number
}

export function createCredentialKeeper(context: KeeperContext): CredentialKeeper {
  const { store } = context
  /** The one used last comes last. */
  const entries = new Map<string, Entry>()

  const entryOf = (from: CredentialStore, id: CredentialId): Entry => {
    const key = JSON.stringify([id.tenantId, id.ref])
    const entry = entries.get(key) ?? createEntry({ ...context, store: from }, id)
    entries.delete(key)
    entries.set(key, entry)
    for (const [oldest, { users, shared }] of entries) {
      if (entries.size <= maxEntries) break
      if (users === 0 && oldest !== key && !shared.busy()) entries.delete(oldest)
    }
    return entry
  }
  return {
    open(id) {
      if (!store) return nothingToOpen(id)
      const entry = entryOf(store, id)
      const { shared, ahead, redactor } = entry
      entry.users += 1
      ahead.enter()
      return {
        redactor,
        access: {
          get: () => shared.get(),
          refresh: (staleVersion, exchange) => shared.refresh(staleVersion, exchange),
          getFresh: (exchange) => ahead.getFresh(exchange),
          reload() {
            shared.forget()
            return shared.get()
          },
        },
        close() {
          entry.users -= 1
          ahead.leave()
        },
      }
    },
    forget(id) {
      entries.get(JSON.stringify([id.tenantId, id.ref]))?.shared.forget()
    },
    async settled() {
      await Promise.all([...entries.values()].map(({ shared }) => shared.settled()))
    },
  }
}

function createEntry(context: KeeperContext & { readonly store: CredentialStore }, id: CredentialId): Entry {
  const { store, clock, random, createHolder, stopping, emit } = context
  const redactor = createRedactor()
  const refresh = {
    store,
    clock,
    random,
    createHolder,
    stopping,
    logger: redactingLogger(context.logger, redactor),
    learn: redactor.learn,
    onReauthRequired: (reason: 'rejected' | 'unfinished') =>
      emit({ kind: 'credential.reauth_required', ...id, reason, at: clock.now() }),
  }
  const shared = shareCredential(refresh, id)
  return { shared, redactor, ahead: refreshAhead(refresh, shared), users: 0 }
}

/** The host gave no store: a connector that asks for its credential learns it, one that does not need it works. */
function nothingToOpen({ tenantId, ref }: CredentialId): OpenCredential {
  const refuse = async (): Promise<never> => {
    throw new SyncError(
      'CREDENTIAL_NOT_FOUND',
      `There is no credential "${ref}": give createSyncline a credential store`,
      { details: { tenantId, ref } },
    )
  }
  return {
    redactor: createRedactor(),
    access: { get: refuse, getFresh: refuse, refresh: refuse, reload: refuse },
    close() {},
  }
}
