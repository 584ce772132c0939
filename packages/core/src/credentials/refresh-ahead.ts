import { isSyncError } from '../errors.ts'
import type { Credential } from '../model/credential.ts'
import type { CredentialExchange } from '../ports/credential-access.ts'
import type { RefreshContext } from './refresh-credential.ts'
import { refreshDueAt } from './refresh-due.ts'
import type { SharedCredential } from './shared-credential.ts'

/** How long a credential that still works is left alone after a refresh ahead of its expiry failed. */
const pauseMs = 30_000

/** Keeps one credential fresh while runs use it. */
export interface RefreshAhead {
  getFresh(exchange: CredentialExchange): Promise<Credential>
  /** A run begins to use the credential. */
  enter(): void
  /** The last one to leave stops the timer. */
  leave(): void
}

export function refreshAhead(context: RefreshContext, shared: SharedCredential): RefreshAhead {
  const { clock, logger } = context
  let users = 0
  let pausedUntil = 0
  let disarm = (): void => undefined
  const nowMs = (): number => clock.now().getTime()

  const arm = (credential: Credential, exchange: CredentialExchange): Credential => {
    disarm()
    const dueAt = refreshDueAt(credential)
    if (dueAt !== undefined && users > 0 && nowMs() < dueAt) {
      disarm = clock.after(dueAt - nowMs(), () => void renew(credential, exchange).catch(() => undefined))
    }
    return credential
  }
  const renew = async (credential: Credential, exchange: CredentialExchange): Promise<Credential> => {
    try {
      return arm(await shared.refresh(credential.version, exchange), exchange)
    } catch (error) {
      const works = credential.expiresAt && nowMs() < credential.expiresAt.getTime()
      if (!works || isSyncError(error, 'CREDENTIAL_REAUTH_REQUIRED', 'CREDENTIAL_NOT_FOUND')) throw error
      pausedUntil = nowMs() + pauseMs
      const { tenantId, ref } = credential
      logger.warn({ tenantId, ref, error }, 'a credential could not be refreshed ahead of its expiry')
      return credential
    }
  }
  return {
    async getFresh(exchange) {
      const credential = await shared.get()
      const dueAt = refreshDueAt(credential)
      const expired = credential.expiresAt !== undefined && nowMs() >= credential.expiresAt.getTime()
      const due = expired || (dueAt !== undefined && nowMs() >= dueAt && nowMs() >= pausedUntil)
      return due ? renew(credential, exchange) : arm(credential, exchange)
    },
    enter() {
      users += 1
    },
    leave() {
      users -= 1
      if (users === 0) disarm()
    },
  }
}
