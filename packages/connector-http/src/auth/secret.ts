import { type Credential, type CredentialAccess, SyncError } from '@syncline/core'
import type { AuthCall } from './authenticator.ts'

/**
 * Where a secret is: the name of a value of the connector's credential, or a function that gives it, for tests and for
 * what is no secret. Only the credential is redacted and kept encrypted.
 */
export type Secret = string | (() => string)

/** @throws CREDENTIAL_NOT_FOUND when the connector has no `credentialRef` */
export function requireCredential({ credential }: Pick<AuthCall, 'credential'>): CredentialAccess {
  if (credential) return credential
  throw new SyncError(
    'CREDENTIAL_NOT_FOUND',
    'The connector needs a credential: save it with a credentialRef',
  )
}

/** @throws CREDENTIAL_INVALID when it has no such value */
export function requireValue({ values, ref }: Credential, name: string): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value) return value
  throw new SyncError('CREDENTIAL_INVALID', `Credential "${ref}" has no value "${name}"; save it with one`, {
    details: { ref, name },
  })
}

/** Several secrets, all of one version, in the order asked for. */
export async function readSecrets(
  secrets: readonly Secret[],
  call: AuthCall,
): Promise<{ readonly values: readonly string[]; readonly version: number | undefined }> {
  const stored = secrets.some((secret) => typeof secret === 'string')
  const credential = stored ? await requireCredential(call).get() : undefined
  const values = secrets.flatMap((secret) => {
    if (typeof secret === 'function') return [secret()]
    return credential ? [requireValue(credential, secret)] : []
  })
  return { values, version: credential?.version }
}

/** For secrets that cannot be refreshed: someone may have saved a new one meanwhile. */
export async function reloadSecret(version: number, call: AuthCall): Promise<boolean> {
  const stored = await call.credential?.reload()
  return stored !== undefined && stored.version !== version
}

/** What a header must not hold (RFC 9110, section 5.5). */
const notInHeaders = /(?!\t)\p{Cc}/u

/** @throws CREDENTIAL_INVALID for a value that a header cannot hold, such as a token that ends with a line feed */
export function withHeader<Request extends { readonly headers: Readonly<Record<string, string>> }>(
  request: Request,
  name: string,
  value: string,
): Request {
  if (notInHeaders.test(value)) {
    throw new SyncError(
      'CREDENTIAL_INVALID',
      `The value for the header "${name}" holds a line break or another control character; save the credential without it`,
      { details: { header: name } },
    )
  }
  return { ...request, headers: { ...request.headers, [name.toLowerCase()]: value } }
}
