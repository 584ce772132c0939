import type { CredentialKeeper } from '../credentials/credential-keeper.ts'
import type { Redactor } from '../credentials/redactor.ts'
import { isSyncError } from '../errors.ts'
import type { Credential, CredentialId } from '../model/credential.ts'
import type { Clock } from '../ports/clock.ts'
import type { WebhookRequest } from '../ports/connector.ts'
import type { GivenVerdict } from './parse-verdict.ts'
import { acceptedSecrets, fromCredentialValues } from './webhook-secret.ts'

/** Where the secret of a connector's webhooks is kept. */
export const webhookSecretId = (connector: {
  readonly connectorId: string
  readonly tenantId: string
}): CredentialId => ({ tenantId: connector.tenantId, ref: `webhook:${connector.connectorId}` })

/** Says whether a webhook is upstream's own; must not throw. */
type Verify = (request: WebhookRequest, redactor: Redactor) => Promise<GivenVerdict>

interface WebhookToVerify {
  readonly id: CredentialId
  readonly request: Omit<WebhookRequest, 'secrets'>
  readonly verify: Verify
}

/** A verdict, and what knows the secrets it was reached with. */
interface Verified {
  readonly verdict: GivenVerdict
  readonly redactor: Redactor
}

/** Reaches a verdict about one webhook. */
export type WebhookVerifier = (webhook: WebhookToVerify) => Promise<Verified>

/** How often, for one connector, a signature that fails may make this process look for a newer secret. */
const leastBetweenLooksMs = 10_000
const mostRemembered = 1_000

/**
 * Verifies webhooks with the secrets of the credential store, at most five minutes old. One that fails is tried once
 * more with what the store has now, so that a new secret works at once; strangers cannot make it look all the time.
 */
export function createWebhookVerifier(keeper: CredentialKeeper, clock: Clock): WebhookVerifier {
  const lookedAt = new Map<string, number>()
  const mayLook = (key: string): boolean => {
    const now = clock.now().getTime()
    const last = lookedAt.get(key)
    if (last !== undefined && now - last < leastBetweenLooksMs) return false
    lookedAt.delete(key)
    lookedAt.set(key, now)
    for (const oldest of [...lookedAt.keys()].slice(0, -mostRemembered)) lookedAt.delete(oldest)
    return true
  }
  return async ({ id, request, verify }) => {
    const opened = keeper.open(id)
    const { access, redactor } = opened
    const tryWith = async (credential: Credential | undefined): Promise<GivenVerdict> => {
      const known = credential && fromCredentialValues(credential.values)
      if (!known) return { verified: false, reason: 'no secret is set' }
      const secrets = acceptedSecrets(known, request.receivedAt)
      // Without its prefix it is the secret still.
      for (const secret of secrets) redactor.learn({ secret: secret.replace(/^whsec_/, '') })
      return verify({ ...request, secrets }, redactor)
    }
    try {
      const cached = await unlessMissing(access.get())
      const verdict = await tryWith(cached)
      if (verdict.verified || !cached || !mayLook(JSON.stringify([id.tenantId, id.ref]))) {
        return { verdict, redactor }
      }
      const stored = await unlessMissing(access.reload())
      return { verdict: stored?.version === cached.version ? verdict : await tryWith(stored), redactor }
    } finally {
      opened.close()
    }
  }
}

async function unlessMissing(reading: Promise<Credential>): Promise<Credential | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isSyncError(error, 'CREDENTIAL_NOT_FOUND')) return undefined
    throw error
  }
}
