import { type ErrorCode, SyncError } from '@syncline/core'

/** Result codes by name, RFC 4511 appendix A; only those this connector tells apart. */
export const resultCodes = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  authMethodNotSupported: 7,
  strongerAuthRequired: 8,
  referral: 10,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  confidentialityRequired: 13,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
} as const

const useTls = 'the server wants an encrypted connection: use ldaps:// or startTls'

/** What each refusal means for a sync, and what to do about it. */
const meanings: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  [resultCodes.timeLimitExceeded]: [
    'UPSTREAM_TIMEOUT',
    'its time limit was reached: have the attributes of the filter indexed',
  ],
  [resultCodes.sizeLimitExceeded]: [
    'UPSTREAM_REJECTED',
    'the server cut the answer at its size limit: have it lifted for this bind DN, nothing of the cut answer was used',
  ],
  [resultCodes.authMethodNotSupported]: ['UNAUTHORIZED', 'the server takes no simple bind'],
  [resultCodes.strongerAuthRequired]: ['CONNECTOR_CONFIG_INVALID', useTls],
  [resultCodes.referral]: ['UPSTREAM_REJECTED', 'another server holds this base; connect to that one'],
  [resultCodes.adminLimitExceeded]: [
    'UPSTREAM_REJECTED',
    'an administrative limit was reached: have it lifted for this bind DN',
  ],
  [resultCodes.unavailableCriticalExtension]: [
    'UPSTREAM_REJECTED',
    'the server does not support paged results (RFC 2696)',
  ],
  [resultCodes.confidentialityRequired]: ['CONNECTOR_CONFIG_INVALID', useTls],
  [resultCodes.noSuchObject]: [
    'UPSTREAM_REJECTED',
    'the base does not exist, or this bind DN may not see it',
  ],
  [resultCodes.inappropriateAuthentication]: ['UNAUTHORIZED', 'the server refused the way of binding'],
  [resultCodes.invalidCredentials]: ['UNAUTHORIZED', 'the server refused the bind DN or its password'],
  [resultCodes.insufficientAccessRights]: ['UPSTREAM_REJECTED', 'this bind DN has no right to search here'],
  [resultCodes.busy]: ['UPSTREAM_UNAVAILABLE', 'the server is busy'],
  [resultCodes.unavailable]: ['UPSTREAM_UNAVAILABLE', 'the server is not available'],
}

/** Active Directory says with an operations error that a search came before a bind. */
const bindMissing = /successful bind must be completed/i

interface Result {
  readonly status: number
  readonly errorMessage: string
}

/** The error of a result code that is no success. What the server wrote is kept: it names DNs and reasons, no passwords. */
export function resultError(what: string, { status, errorMessage }: Result): SyncError {
  const unbound = status === resultCodes.operationsError && bindMissing.test(errorMessage)
  const [code, meaning] = unbound
    ? (['UNAUTHORIZED', 'the server wants a bind first'] as const)
    : (meanings[status] ?? (['UPSTREAM_REJECTED', 'the server refused it'] as const))
  const said = errorMessage === '' ? '' : `: ${errorMessage.replaceAll('\0', '').slice(0, 500)}`
  return new SyncError(code, `${what}: ${meaning} (LDAP result ${status}${said})`, {
    details: { resultCode: status },
  })
}
