import { randomBytes } from 'node:crypto'
import { SyncError } from '../errors.ts'

const prefix = 'whsec_'
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const leastBytes = 24
const mostBytes = 64
const madeBytes = 32
const leastCharacters = 16
const mostCharacters = 1_024

/** A new secret of the Standard Webhooks scheme. */
export const makeWebhookSecret = (): string => prefix + randomBytes(madeBytes).toString('base64')

/**
 * The key in a secret: `whsec_` and 24 to 64 bytes in Base64 (Standard Webhooks, "signature scheme"). Undefined when it
 * is no such secret.
 */
export function standardKey(secret: string): Buffer | undefined {
  const encoded = secret.slice(prefix.length)
  if (!secret.startsWith(prefix) || !base64.test(encoded)) return undefined
  const key = Buffer.from(encoded, 'base64')
  return key.length >= leastBytes && key.length <= mostBytes ? key : undefined
}

/** @throws CREDENTIAL_INVALID, without the secret */
export function checkWebhookSecret(secret: string, scheme: 'standard' | 'own'): string {
  if (scheme === 'standard' && !standardKey(secret)) {
    throw new SyncError(
      'CREDENTIAL_INVALID',
      `A webhook secret is "${prefix}" and ${leastBytes} to ${mostBytes} bytes in Base64; leave it out to have one made`,
    )
  }
  if (secret.length < leastCharacters || secret.length > mostCharacters) {
    throw new SyncError(
      'CREDENTIAL_INVALID',
      `A webhook secret has ${leastCharacters} to ${mostCharacters} characters`,
    )
  }
  return secret
}

/** What webhooks of a connector may be signed with. */
export interface WebhookSecrets {
  readonly current: string
  readonly previous?: { readonly secret: string; readonly until: Date } | undefined
}

/** As the values of a credential. */
export const toCredentialValues = ({ current, previous }: WebhookSecrets): Record<string, string> => ({
  current,
  ...(previous && { previous: previous.secret, previousUntil: previous.until.toISOString() }),
})

/** Undefined when there is no secret in them. */
export function fromCredentialValues(values: Readonly<Record<string, string>>): WebhookSecrets | undefined {
  const { current, previous, previousUntil } = values
  if (!current) return undefined
  const until = new Date(previousUntil ?? Number.NaN)
  // An end that cannot be read has passed.
  const kept = previous && Number.isFinite(until.getTime()) ? { secret: previous, until } : undefined
  return { current, ...(kept && { previous: kept }) }
}

/** Those that are accepted at this time, newest first. */
export const acceptedSecrets = ({ current, previous }: WebhookSecrets, now: Date): readonly string[] =>
  previous && now < previous.until ? [current, previous.secret] : [current]
