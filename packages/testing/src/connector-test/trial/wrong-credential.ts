import type { ErrorCode } from '@syncline/core'
import type { CaseSubject } from './harness.ts'

/** Codes that tell a person to look at the credential. */
export const refusedCodes: readonly ErrorCode[] = [
  'UNAUTHORIZED',
  'CREDENTIAL_REJECTED',
  'CREDENTIAL_REAUTH_REQUIRED',
]

/** Others than upstream accepts. */
export const wrongSecrets = ({ contract }: CaseSubject): Record<string, string> =>
  Object.fromEntries(
    Object.entries(contract.credential?.secrets ?? {}).map(([name, secret]) => [name, `${secret}-wrong`]),
  )
