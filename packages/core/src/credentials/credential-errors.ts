import { SyncError } from '../errors.ts'
import type { CredentialId } from '../model/credential.ts'

export const credentialNotFound = ({ tenantId, ref }: CredentialId): SyncError =>
  new SyncError(
    'CREDENTIAL_NOT_FOUND',
    `There is no credential "${ref}" of tenant "${tenantId}"; save it first`,
    {
      details: { tenantId, ref },
    },
  )

export const reauthRequired = ({ tenantId, ref }: CredentialId, cause?: unknown): SyncError =>
  new SyncError(
    'CREDENTIAL_REAUTH_REQUIRED',
    `Credential "${ref}" of tenant "${tenantId}" no longer works and cannot be refreshed; save a new one`,
    { details: { tenantId, ref }, cause },
  )
