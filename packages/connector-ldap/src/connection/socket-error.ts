import { SyncError } from '@syncline/core'

/** What Node reports when a certificate is not to be trusted; OpenSSL's X509_V_ERR names without the prefix. */
const certificateCodes =
  /^(ERR_TLS_CERT_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH)/
const timeoutCodes = new Set(['ETIMEDOUT'])

/** The error of a socket that failed. A certificate that is not trusted will not be trusted at the next try either. */
export function socketError(error: unknown): SyncError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const message = error instanceof Error ? error.message : String(error)
  if (certificateCodes.test(code)) {
    return new SyncError(
      'UPSTREAM_REJECTED',
      `The LDAP server's certificate is not trusted: ${message}; give its authority as ca, or its name as serverName`,
      { cause: error, details: { reason: code } },
    )
  }
  return timeoutCodes.has(code)
    ? new SyncError('UPSTREAM_TIMEOUT', `The LDAP server did not answer in time: ${message}`, {
        cause: error,
      })
    : new SyncError('UPSTREAM_UNAVAILABLE', `The LDAP server cannot be reached: ${message}`, { cause: error })
}
