import { isSyncError, SyncError } from '../errors.ts'
import type { Credential, CredentialId, CredentialValues } from '../model/credential.ts'
import type { Clock } from '../ports/clock.ts'
import type { CredentialExchange } from '../ports/credential-access.ts'
import type { CredentialStore, RefreshHolder } from '../ports/credential-store.ts'
import type { Logger } from '../ports/logger.ts'
import { backoffMs } from '../time/backoff.ts'
import { credentialNotFound, reauthRequired } from './credential-errors.ts'
import { parseExchangedValues } from './credential-input.ts'

/** What the refresher works with. */
export interface RefreshContext {
  readonly store: CredentialStore
  readonly clock: Clock
  readonly random: () => number
  readonly createHolder: () => string
  /** Strikes the credential's secrets. */
  readonly logger: Logger
  /** Told new values before they are saved. */
  readonly learn: (values: Credential['values']) => void
  /** Ends the wait for other processes; never an exchange, nor the saving of what it brought. */
  readonly stopping: AbortSignal
  readonly onReauthRequired: (reason: 'rejected' | 'unfinished') => void
}

export interface RefreshRequest {
  readonly id: CredentialId
  readonly staleVersion: number
  readonly exchange: CredentialExchange
}

/** The exchange gives up well before its claim ends. */
const exchangeMs = 20_000
const leaseMs = 30_000
/** Claims of one version that may end without a trace before it is given up: one death may be bad luck. */
const maxUnfinished = 2
const maxHeldMs = 4 * leaseMs
const pollMs = 200
const maxSaves = 5

/**
 * Replaces one version, with one exchange for all processes. The claim is written first: a process that dies with the
 * new values in hand leaves a version whose refresh never ended. It is tried again at most twice, with the old values;
 * when upstream refuses those, or nobody lives to hear, a person is asked for new ones.
 */
export async function refreshCredential(
  context: RefreshContext,
  request: RefreshRequest,
): Promise<Credential> {
  const { store, clock, random } = context
  const { id, staleVersion } = request
  const holder: RefreshHolder = { id, version: staleVersion, holder: context.createHolder() }
  const giveUpAt = clock.now().getTime() + maxHeldMs
  for (;;) {
    const claim = await store.claimRefresh({ ...holder, leaseMs })
    if (claim.kind === 'missing') throw credentialNotFound(id)
    if (claim.kind === 'settled') return usable(claim.credential)
    if (claim.kind === 'claimed') {
      const { credential, unfinished } = claim
      const outcome = await useClaim(context, { ...request, holder, credential, unfinished })
      if (outcome) return outcome
    }
    if (clock.now().getTime() >= giveUpAt) throw heldTooLong(id)
    await clock.sleep(Math.round(pollMs * (0.5 + random())), context.stopping)
  }
}

/** @throws CREDENTIAL_REAUTH_REQUIRED */
export function usable(credential: Credential): Credential {
  if (credential.state === 'active') return credential
  throw reauthRequired(credential)
}

interface ClaimedRefresh extends RefreshRequest {
  readonly holder: RefreshHolder
  readonly credential: Credential
  readonly unfinished: number
}

/** Undefined: the claim was lost to another process on the way, which may still be at it. */
async function useClaim(context: RefreshContext, claimed: ClaimedRefresh): Promise<Credential | undefined> {
  const { holder, unfinished } = claimed
  if (unfinished > 0) context.logger.warn({ ...holder.id, unfinished }, 'an earlier refresh never ended')
  if (unfinished > maxUnfinished) return giveUp(context, claimed, { reason: 'unfinished' })
  const end = async (): Promise<unknown> => context.store.endRefresh({ ...holder, outcome: 'released' })
  let values: CredentialValues
  try {
    values = await exchangeInTime(context, claimed)
  } catch (cause) {
    if (isSyncError(cause, 'CREDENTIAL_REJECTED'))
      return giveUp(context, claimed, { reason: 'rejected', cause })
    await end().catch((error: unknown) =>
      // The claim ends by itself; until then others wait.
      context.logger.warn({ ...holder.id, error }, 'a refresh could not be released'),
    )
    throw cause
  }
  return saveExchanged(context, holder, values)
}

async function giveUp(
  context: RefreshContext,
  { holder }: ClaimedRefresh,
  why: { readonly reason: 'rejected' | 'unfinished'; readonly cause?: unknown },
): Promise<Credential | undefined> {
  const marked = await context.store.endRefresh({ ...holder, outcome: 'reauth_required' })
  if (marked) {
    context.onReauthRequired(why.reason)
    throw reauthRequired(holder.id, why.cause)
  }
  // Refused because another process was faster: its values are the ones to use.
  const now = await context.store.read(holder.id)
  if (!now) throw credentialNotFound(holder.id)
  return now.version === holder.version && now.state === 'active' ? undefined : usable(now)
}

async function exchangeInTime(context: RefreshContext, claimed: ClaimedRefresh): Promise<CredentialValues> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const ending = new AbortController()
  const disarm = context.clock.after(exchangeMs, () => {
    const reason = new SyncError('UPSTREAM_TIMEOUT', `The refresh did not end within ${exchangeMs} ms`)
    ending.abort(reason)
    reject(reason)
  })
  const exchanging = (async () => {
    const values = parseExchangedValues(claimed.id, await claimed.exchange(claimed.credential, ending.signal))
    context.learn(values.values)
    return values
  })()
  try {
    return await Promise.race([exchanging, tooLate])
  } catch (error) {
    if (ending.signal.aborted) keepLateAnswer(context, claimed.holder, exchanging)
    throw error
  } finally {
    disarm()
  }
}

/** New values that arrive after all are saved while the version they replace is the newest. */
function keepLateAnswer(
  context: RefreshContext,
  holder: RefreshHolder,
  exchanging: Promise<CredentialValues>,
): void {
  exchanging
    .then((values) => saveExchanged(context, holder, values))
    .catch((error: unknown) =>
      context.logger.debug({ ...holder.id, error }, 'a late refresh came to nothing'),
    )
}

/** Tried for some time: upstream may not hand the same values out again. */
async function saveExchanged(
  context: RefreshContext,
  holder: RefreshHolder,
  values: CredentialValues,
): Promise<Credential> {
  const { store, clock, random, logger } = context
  for (let attempt = 1; ; attempt++) {
    try {
      const saved = (await store.completeRefresh({ ...holder, ...values })) ?? (await store.read(holder.id))
      if (!saved) throw credentialNotFound(holder.id)
      return usable(saved)
    } catch (error) {
      if (!isSyncError(error, 'STORE_UNAVAILABLE') || attempt > maxSaves) throw error
      logger.warn({ ...holder.id, attempt, error }, 'refreshed values could not be saved yet')
      await clock.sleep(backoffMs({ attempt, random }))
    }
  }
}

const heldTooLong = ({ tenantId, ref }: CredentialId): SyncError =>
  new SyncError(
    'UPSTREAM_TIMEOUT',
    `Other processes have been refreshing credential "${ref}" of tenant "${tenantId}" for over ${maxHeldMs} ms`,
  )
