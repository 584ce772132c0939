import { SyncError, type Syncline } from '@syncline/core'
import type { Authorize } from './principal.ts'

export interface HttpApiOptions<HostRequest> {
  readonly syncline: Syncline
  /** There is no default: without it there is no API. */
  readonly authorize: Authorize<HostRequest>
  /** What the paths of the API begin with; no slash at its end. @default '/api' */
  readonly basePath?: string | undefined
}

/** @throws OPTIONS_INVALID */
export function requireApiOptions<HostRequest>(options: HttpApiOptions<HostRequest>): {
  readonly basePath: string
} {
  const { syncline, authorize, basePath = '/api' } = options
  if (typeof authorize !== 'function') {
    throw new SyncError(
      'OPTIONS_INVALID',
      'HTTP: "authorize" is required; nobody may call the API without it',
    )
  }
  if (typeof syncline?.connectors?.get !== 'function') {
    throw new SyncError('OPTIONS_INVALID', 'HTTP: "syncline" must be what createSyncline made')
  }
  if (!/^(?:\/[A-Za-z0-9._~-]+)*$/.test(basePath)) {
    throw new SyncError('OPTIONS_INVALID', 'HTTP: "basePath" must look like "/api"')
  }
  return { basePath }
}
